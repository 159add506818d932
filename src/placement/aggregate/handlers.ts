// The routes of a provider's aggregates.
import { errors } from '../errors.ts';
import { acceptsJson, answer, readBody, since } from '../http/index.ts';
import type { Handler, Parts } from '../parts.ts';
import { findProvider, missingOr } from '../provider/find.ts';
import * as schemas from '../schemas.ts';
import { writeAggregates } from '../store.ts';

export function aggregateHandlers({ database, follower }: Parts): Record<'list' | 'replace', Handler> {
  return {
    async list(request) {
      acceptsJson(request);
      const { provider } = await findProvider(follower, request.params.uuid ?? '');
      const aggregates = [...provider.aggregates];
      return answer(
        request,
        since(request, 19) ? { aggregates, resource_provider_generation: provider.generation } : { aggregates },
      );
    },

    async replace(request) {
      const uuid = request.params.uuid ?? '';
      const orMissing = (error: Error) => missingOr(follower, uuid, error);
      if (!since(request, 19)) {
        const aggregates = await readBody(request, schemas.aggregateList, orMissing);
        const outcome = await writeAggregates(database, uuid, undefined, aggregates);
        if (outcome === 'conflict') throw errors.ProviderNotFound(uuid);
        return answer(request, { aggregates });
      }
      const body = await readBody(request, schemas.providerAggregates, orMissing);
      const generation = body.resource_provider_generation;
      const outcome = await writeAggregates(database, uuid, generation, body.aggregates);
      if (outcome === 'conflict') throw await missingOr(follower, uuid, errors.GenerationMoved());
      return answer(request, { aggregates: body.aggregates, resource_provider_generation: generation + 1 });
    },
  };
}
