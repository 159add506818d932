// The routes of resource providers.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { commonErrors, empty, normalizeUuid } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { acceptsJson, answer, checkQuery, readBody, since } from '../http/index.ts';
import { unknownNames } from '../names.ts';
import type { Handler, Parts } from '../parts.ts';
import type { ProviderIndex } from '../provider-index/index.ts';
import * as schemas from '../schemas.ts';
import {
  createProviderRow,
  deleteProviderRow,
  type Executor,
  isUniqueViolation,
  retried,
  type UpdateOutcome,
  updateProviderRow,
} from '../store.ts';
import { filterProviders } from './filter.ts';
import { findProvider, missingOr } from './find.ts';
import type { Provider } from './provider.ts';
import { parseAggregates, parseResources, parseTraits } from './query.ts';
import { providerPath, type ShownProvider, showProvider } from './show.ts';

export function providerHandlers({
  database,
  follower,
}: Parts): Record<'list' | 'create' | 'show' | 'update' | 'remove', Handler> {
  return {
    async list(request) {
      acceptsJson(request);
      const query = checkQuery(request, schemas.schemaAt(schemas.listProviders, request.context.microversion.minor));
      const traits = parseTraits(request);
      const aggregates = parseAggregates(request);
      const resources = query.resources === undefined ? new Map<string, number>() : parseResources(query.resources);
      const index = await follower.current();
      const asked = [...traits.required.flatMap((any) => [...any]), ...traits.forbidden];
      const unknown = await unknownNames(database, 'placement_traits', asked, index);
      if (unknown.length > 0)
        throw commonErrors.BadRequest(
          `Invalid trait(s) in "required" parameter: ${errors.UnknownTrait(unknown.join(', ')).message}`,
        );
      const [unknownClass] = await unknownNames(database, 'placement_resource_classes', resources.keys(), index);
      if (unknownClass !== undefined) throw errors.UnknownClassInQuery(unknownClass);
      const found = filterProviders(index, { ...query, ...traits, ...aggregates, resources, inTree: query.in_tree });
      const modified = found.reduce((latest, provider) => Math.max(latest, provider.updatedAt), 0) || Date.now();
      const shown = found.map((provider) => showProvider(request, withRelatives(index, provider)));
      return answer(request, { resource_providers: shown }, { modified });
    },

    async create(request) {
      const body = await readBody(
        request,
        schemas.schemaAt<(typeof schemas.createProvider)[14] | (typeof schemas.createProvider)[0]>(
          schemas.createProvider,
          request.context.microversion.minor,
        ),
      );
      const uuid = body.uuid === undefined ? randomUUID() : normalizeUuid(body.uuid);
      const given = 'parent_provider_uuid' in body ? (body.parent_provider_uuid ?? null) : null;
      const parent = given === null ? null : normalizeUuid(given);
      if (parent === uuid)
        throw errors.CannotCreateProvider(
          body.name,
          uuid,
          'parent provider UUID cannot be same as UUID. Please set parent provider UUID to None if there is no parent.',
        );
      const root = await createProviderRow(database, uuid, body.name, parent).catch(async (error: unknown) => {
        if (!isUniqueViolation(error)) throw error;
        throw errors.ProviderExists((await nameTaken(database, body.name)) ? `name: ${body.name}` : `uuid: ${uuid}`);
      });
      if (root === undefined)
        throw errors.CannotCreateProvider(body.name, uuid, 'parent provider UUID does not exist.');
      const location = `${request.context.baseUrl}${providerPath(uuid)}`;
      if (!since(request, 20)) return empty(201, { location });
      const shown = showProvider(request, { uuid, name: body.name, generation: 0, parent, root });
      return answer(request, shown, { headers: { location } });
    },

    async show(request) {
      acceptsJson(request);
      const { index, provider } = await findProvider(follower, request.params.uuid ?? '');
      return answer(request, showProvider(request, withRelatives(index, provider)), { modified: provider.updatedAt });
    },

    async update(request) {
      const uuid = request.params.uuid ?? '';
      const body = await readBody(
        request,
        schemas.schemaAt<(typeof schemas.updateProvider)[14] | (typeof schemas.updateProvider)[0]>(
          schemas.updateProvider,
          request.context.microversion.minor,
        ),
        (error) => missingOr(follower, uuid, error),
      );
      const given = 'parent_provider_uuid' in body ? body.parent_provider_uuid : undefined;
      const parent = typeof given === 'string' ? normalizeUuid(given) : given;
      const outcome = await retried(() =>
        updateProviderRow(database, uuid, body.name, parent, since(request, 37)),
      ).catch((error: unknown) => {
        throw isUniqueViolation(error) ? errors.ProviderExists(body.name) : error;
      });
      if (outcome === 'missing') throw errors.ProviderNotFound(uuid);
      const reason = refusals[outcome];
      if (reason !== undefined) throw errors.CannotUpdateProvider(uuid, reason);
      const { index, provider } = await findProvider(follower, uuid);
      return answer(request, showProvider(request, withRelatives(index, provider)), { modified: provider.updatedAt });
    },

    async remove(request) {
      const uuid = request.params.uuid ?? '';
      const outcome = await retried(() => deleteProviderRow(database, uuid));
      if (outcome === 'missing') throw errors.ProviderToDeleteNotFound(uuid);
      if (outcome === 'parent') throw errors.ProviderHasChildren(uuid);
      if (outcome === 'in_use') throw errors.ProviderInUse(uuid);
      return empty();
    },
  };
}

async function nameTaken(database: Executor, name: string): Promise<boolean> {
  const { rows } = await sql`select 1 from placement_providers where name = ${name}`.execute(database);
  return rows.length > 0;
}

const refusals: Readonly<Record<UpdateOutcome, string | undefined>> = {
  updated: undefined,
  missing: undefined,
  unknown_parent: 'create failed because: parent provider UUID does not exist.',
  loop: 'update failed because: creating loop in the provider tree is not allowed.',
  reparenting: 'update failed because: re-parenting a provider is not currently allowed.',
  unparenting: 'update failed because: un-parenting a provider is not currently allowed.',
};

function withRelatives(index: ProviderIndex, provider: Provider): ShownProvider {
  const parent = provider.parentId === null ? undefined : index.byId(provider.parentId);
  return {
    uuid: provider.uuid,
    name: provider.name,
    generation: provider.generation,
    parent: parent?.uuid ?? null,
    root: index.byId(provider.rootId)?.uuid ?? provider.uuid,
  };
}
