// The routes of allocations.
import { empty, isUuidLike, normalizeUuid } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { acceptsJson, answer, readBody, since } from '../http/index.ts';
import type { Handler, Parts } from '../parts.ts';
import { findProvider } from '../provider/find.ts';
import * as schemas from '../schemas.ts';
import { type ConsumerAllocations, deleteAllocations, retried, writeAllocations } from '../store.ts';
import { type GivenAllocations, toConsumers, toListedConsumer } from './given.ts';
import { allocationsOfConsumer, allocationsOnProvider } from './read.ts';
import { refusalError } from './refusal.ts';

export function allocationHandlers({
  database,
  follower,
  config,
}: Parts): Record<'show' | 'put' | 'putMany' | 'remove' | 'onProvider', Handler> {
  async function write(consumers: readonly ConsumerAllocations[], where: string) {
    const refusal = await retried(() => writeAllocations(database, consumers));
    if (refusal) throw refusalError(refusal, where);
    return empty();
  }

  return {
    async show(request) {
      acceptsJson(request);
      const held = await allocationsOfConsumer(database, request.params.consumer_uuid ?? '');
      const { consumer } = held;
      return answer(
        request,
        {
          allocations: held.allocations,
          ...(consumer && since(request, 12) ? { project_id: consumer.project_id, user_id: consumer.user_id } : {}),
          ...(consumer && since(request, 28) ? { consumer_generation: consumer.generation } : {}),
          ...(consumer && since(request, 38) ? { consumer_type: consumer.consumer_type ?? 'unknown' } : {}),
        },
        { modified: held.modified },
      );
    },

    async put(request) {
      const given = request.params.consumer_uuid ?? '';
      if (!isUuidLike(given)) throw errors.BadConsumer(given);
      const uuid = normalizeUuid(given);
      const where = ` for consumer ${uuid}:`;
      const { minor } = request.context.microversion;
      if (minor < 12) {
        const listed: Parameters<typeof toListedConsumer>[1] = await readBody(
          request,
          schemas.schemaAt<(typeof schemas.listedAllocations)[0] | (typeof schemas.listedAllocations)[8]>(
            schemas.listedAllocations,
            minor,
          ),
        );
        return write([toListedConsumer(uuid, listed, config.incompleteConsumerId)], where);
      }
      const body: GivenAllocations = await readBody(
        request,
        schemas.schemaAt<(typeof schemas.consumerAllocations)[12 | 28 | 34 | 38]>(schemas.consumerAllocations, minor),
      );
      return write(toConsumers({ [uuid]: body }), where);
    },

    async putMany(request) {
      const body: Record<string, GivenAllocations> = await readBody(
        request,
        schemas.schemaAt<(typeof schemas.manyAllocations)[13 | 28 | 34 | 38]>(
          schemas.manyAllocations,
          request.context.microversion.minor,
        ),
      );
      return write(toConsumers(body), '');
    },

    async remove(request) {
      const uuid = request.params.consumer_uuid ?? '';
      if (!(await retried(() => deleteAllocations(database, uuid)))) throw errors.NoAllocations(uuid);
      return empty();
    },

    async onProvider(request) {
      acceptsJson(request);
      const uuid = request.params.uuid ?? '';
      const { provider } = await findProvider(follower, uuid, errors.ProviderOfAllocationsNotFound);
      const held = await allocationsOnProvider(database, provider.id, since(request, 28));
      return answer(
        request,
        { allocations: held.allocations, resource_provider_generation: provider.generation },
        { modified: held.modified },
      );
    },
  };
}
