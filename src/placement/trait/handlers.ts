// The routes of traits and of a provider's traits.
import { sql } from 'kysely';
import { empty, violation } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { acceptsJson, answer, cacheHeaders, checkQuery, readBody } from '../http/index.ts';
import { unknownNames } from '../names.ts';
import type { Handler, Parts } from '../parts.ts';
import { findProvider, missingOr } from '../provider/find.ts';
import * as schemas from '../schemas.ts';
import { isForeignKeyViolation, writeTraits } from '../store.ts';
import { listTraits, readTraitFilter } from './list.ts';

export function traitHandlers({
  database,
  follower,
}: Parts): Record<'list' | 'show' | 'put' | 'remove' | 'listOf' | 'replaceOf' | 'clearOf', Handler> {
  return {
    async list(request) {
      acceptsJson(request);
      const { names, modified } = await listTraits(database, readTraitFilter(checkQuery(request, schemas.listTraits)));
      return answer(request, { traits: names }, { modified });
    },

    async show(request) {
      const name = request.params.name ?? '';
      const { rows } = await sql<{
        at: Date;
      }>`select updated_at as at from placement_traits where name = ${name}`.execute(database);
      if (!rows[0]) throw errors.TraitNotFound(name);
      return empty(204, cacheHeaders(request, rows[0].at.getTime()));
    },

    async put(request) {
      const name = request.params.name ?? '';
      if (violation(schemas.customTrait, name, 'body')) throw errors.BadTrait();
      // Looking first spares a write, for this is asked again and again.
      const found = await sql<{
        at: Date;
      }>`select updated_at as at from placement_traits where name = ${name}`.execute(database);
      const location = `${request.context.baseUrl}/traits/${name}`;
      if (found.rows[0]) return empty(204, { location, ...cacheHeaders(request, found.rows[0].at.getTime()) });
      const made =
        await sql`insert into placement_traits (name) values (${name}) on conflict do nothing returning name`.execute(
          database,
        );
      return empty(made.rows.length > 0 ? 201 : 204, { location, ...cacheHeaders(request) });
    },

    async remove(request) {
      const name = request.params.name ?? '';
      if ((await unknownNames(database, 'placement_traits', [name])).length > 0) throw errors.TraitNotFound(name);
      if (!name.startsWith('CUSTOM_')) throw errors.StandardTrait(name);
      await sql`delete from placement_traits where name = ${name}`.execute(database).catch((error: unknown) => {
        throw isForeignKeyViolation(error) ? errors.TraitInUse(name) : error;
      });
      return empty();
    },

    async listOf(request) {
      acceptsJson(request);
      const { provider } = await findProvider(follower, request.params.uuid ?? '');
      return answer(
        request,
        { traits: [...provider.traits], resource_provider_generation: provider.generation },
        { modified: provider.updatedAt },
      );
    },

    async replaceOf(request) {
      const uuid = request.params.uuid ?? '';
      const body = await readBody(request, schemas.providerTraits);
      const generation = body.resource_provider_generation;
      const traits = [...new Set(body.traits)];
      const outcome = await writeTraits(database, uuid, generation, traits).catch(async (error: unknown) => {
        if (!isForeignKeyViolation(error)) throw error;
        throw errors.UnknownTraitToSet((await unknownNames(database, 'placement_traits', traits)).join(', '));
      });
      if (outcome === 'conflict') {
        const unknown = await unknownNames(database, 'placement_traits', traits);
        const cause = unknown.length > 0 ? errors.UnknownTraitToSet(unknown.join(', ')) : errors.GenerationMoved();
        throw await missingOr(follower, uuid, cause);
      }
      const moved = outcome === 'written' ? 1 : 0;
      return answer(request, { traits, resource_provider_generation: generation + moved });
    },

    async clearOf(request) {
      const uuid = request.params.uuid ?? '';
      const { provider } = await findProvider(follower, uuid);
      const outcome = await writeTraits(database, uuid, provider.generation, []);
      if (outcome === 'conflict')
        throw await missingOr(follower, uuid, errors.Concurrent('Unable to delete the traits'));
      return empty();
    },
  };
}
