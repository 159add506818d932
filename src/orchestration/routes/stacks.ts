// The stack routes of Heat's API.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import { type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { KnownValues } from '../graph/index.ts';
import { type PlanSources, planChanges } from '../plan/changes.ts';
import { type StackService, templateErrors } from '../service.ts';
import { inputsOf, resourcesOfTree, type StackRow, stackTables } from '../stack/store.ts';
import { type ShownOutput, stackDetail, stackSummary, stackUrl } from '../stack/view.ts';
import { NotYetKnown, TemplateError } from '../template/index.ts';
import { linksOf, patchedInputs, projectOf, stackOf, wholeInputs } from './request.ts';
import { resourceChanges } from './resource-changes.ts';

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));
const map = Type.Record(Type.String(), Type.Unknown());
const given = {
  template: Type.Optional(Type.Unknown()),
  template_url: nullable(Type.String()),
  environment: Type.Optional(Type.Unknown()),
  environment_files: nullable(Type.Array(Type.String())),
  files: nullable(map),
  files_container: nullable(Type.String()),
  parameters: nullable(map),
  timeout_mins: nullable(Type.Union([Type.Integer({ minimum: 1 }), Type.String({ pattern: '^[1-9][0-9]*$' })])),
  disable_rollback: nullable(Type.Union([Type.Boolean(), Type.String({ pattern: '^([Tt]rue|[Ff]alse)$' })])),
  tags: nullable(Type.Union([Type.String(), Type.Array(Type.String())])),
};
export const createBody = Type.Object({ ...given, stack_name: Type.String() });
const updateBody = Type.Object({
  ...given,
  clear_parameters: nullable(Type.Array(Type.String())),
  converge: nullable(Type.Boolean()),
});

interface GivenSettings {
  readonly timeout_mins?: number | string | null;
  readonly disable_rollback?: boolean | string | null;
  readonly tags?: string | readonly string[] | null;
}

export function settingsOf(body: GivenSettings) {
  const tags =
    typeof body.tags === 'string'
      ? body.tags
          .split(',')
          .map((tag) => tag.trim())
          .filter(Boolean)
      : body.tags;
  return {
    ...(body.timeout_mins == null ? {} : { timeoutMins: Number(body.timeout_mins) }),
    ...(body.disable_rollback == null
      ? {}
      : { disableRollback: String(body.disable_rollback).toLowerCase() === 'true' }),
    ...(tags == null ? {} : { tags }),
  };
}

export function stackRoutes(database: Database, service: StackService, sources: PlanSources): Route[] {
  const redirect = async (request: ApiRequest, rest = '') => {
    const stack = await stackOf(database, request);
    const query = request.search.toString();
    const location = `${stackUrl(linksOf(request), stack)}${rest}${query === '' ? '' : `?${query}`}`;
    return json(
      {
        code: '302 Found',
        title: 'Found',
        message: `The resource was found at <a href="${location}">${location}</a>;\nyou should be redirected automatically.\n\n`,
      },
      302,
      { location },
    );
  };
  const show = async (request: ApiRequest) => {
    const stack = await stackOf(database, request);
    const withOutputs = request.search.get('resolve_outputs')?.toLowerCase() !== 'false';
    return json({ stack: await detail(service, request, stack, withOutputs) });
  };
  const update = async (
    request: ApiRequest,
    body: Parameters<typeof wholeInputs>[0] & GivenSettings & { clear_parameters?: readonly string[] | null },
    patch: boolean,
  ) => {
    const stack = await stackOf(database, request);
    const before = await inputsOf(database, stack.id, stack.generation);
    const inputs = patch && before ? patchedInputs(before, body, body.clear_parameters ?? []) : wholeInputs(body);
    await service.update(request.context.caller, stack, inputs, settingsOf(body));
    return json({ stack: { id: stack.id, links: [{ href: stackUrl(linksOf(request), stack), rel: 'self' }] } }, 202);
  };
  const previewUpdate = async (
    request: ApiRequest,
    body: Parameters<typeof wholeInputs>[0] & { clear_parameters?: readonly string[] | null },
    patch: boolean,
  ) => {
    const stack = await stackOf(database, request);
    const before = await inputsOf(database, stack.id, stack.generation);
    const inputs = patch && before ? patchedInputs(before, body, body.clear_parameters ?? []) : wholeInputs(body);
    const nested = request.search.get('show_nested')?.toLowerCase() === 'true';
    const rows = new Map((await resourcesOfTree(database, stack.id)).map((row) => [row.path, row]));
    const changes = planChanges(await service.check(request.context.caller, stack.name, inputs), rows, sources);
    return json({ resource_changes: resourceChanges(changes, rows, nested) });
  };
  const remove = async (request: ApiRequest) => {
    await service.remove(request.context.caller, await stackOf(database, request));
    return empty(204);
  };
  return [
    route({
      method: 'GET',
      path: '/v1/:tenant/stacks',
      policy: 'stacks:index',
      summary: 'Lists stacks',
      handler: (request) => list(database, request),
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/stacks/detail',
      policy: 'stacks:detail',
      summary: 'Lists stacks',
      handler: (request) => list(database, request),
    }),
    route({
      method: 'POST',
      path: '/v1/:tenant/stacks',
      policy: 'stacks:create',
      summary: 'Creates a stack',
      body: createBody,
      handler: async (request) => {
        projectOf(request);
        const stack = await service.create(
          request.context.caller,
          request.body.stack_name,
          wholeInputs(request.body),
          settingsOf(request.body),
        );
        const href = stackUrl(linksOf(request), stack);
        return json({ stack: { id: stack.id, links: [{ href, rel: 'self' }] } }, 201, { location: href });
      },
    }),
    route({
      method: 'POST',
      path: '/v1/:tenant/stacks/preview',
      policy: 'stacks:preview',
      summary: 'Shows what a create would make',
      body: createBody,
      handler: async (request) => {
        const { body } = request;
        const graph = await service.check(request.context.caller, body.stack_name, wholeInputs(body));
        const nothing: KnownValues = { reference: (path) => path.split('/').pop(), attribute: () => null };
        const root = graph.stacks.get('');
        return json({
          stack: {
            id: 'None',
            stack_name: body.stack_name,
            description: root?.description ?? '',
            parameters: root?.parameters(nothing) ?? {},
            resources: (root?.resources ?? []).map((path) => {
              const vertex = graph.vertices.get(path);
              return {
                resource_name: vertex?.name,
                resource_type: vertex?.type,
                properties: vertex?.resolve(nothing).properties ?? {},
                required_by: [],
                physical_resource_id: '',
                resource_status: 'INIT_COMPLETE',
              };
            }),
          },
        });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/stacks/:stack',
      policy: 'stacks:lookup',
      summary: 'Finds a stack by name',
      handler: (request) => redirect(request),
    }),
    route({
      method: 'DELETE',
      path: '/v1/:tenant/stacks/:stack',
      policy: 'stacks:delete',
      summary: 'Deletes a stack by name',
      handler: remove,
    }),
    route({
      method: 'PUT',
      path: '/v1/:tenant/stacks/:stack',
      policy: 'stacks:update',
      summary: 'Updates a stack, by name, to these inputs',
      body: updateBody,
      handler: (request) => update(request, request.body, false),
    }),
    route({
      method: 'PATCH',
      path: '/v1/:tenant/stacks/:stack',
      policy: 'stacks:update_patch',
      summary: 'Updates what is given of the inputs of a stack, by name',
      body: updateBody,
      handler: (request) => update(request, request.body, true),
    }),
    ...['resources', 'events', 'template', 'outputs', 'environment', 'files'].map((part) =>
      route({
        method: 'GET',
        path: `/v1/:tenant/stacks/:stack/${part}`,
        policy: 'stacks:lookup',
        summary: `Finds the ${part} of a stack by its name`,
        handler: (request) => redirect(request, `/${part}`),
      }),
    ),
    route({
      method: 'GET',
      path: '/v1/:tenant/stacks/:stack/:id',
      policy: 'stacks:show',
      summary: 'Shows a stack',
      handler: show,
    }),
    route({
      method: 'PUT',
      path: '/v1/:tenant/stacks/:stack/:id',
      policy: 'stacks:update',
      summary: 'Updates a stack to these inputs',
      body: updateBody,
      handler: (request) => update(request, request.body, false),
    }),
    route({
      method: 'PATCH',
      path: '/v1/:tenant/stacks/:stack/:id',
      policy: 'stacks:update_patch',
      summary: 'Updates what is given of the inputs',
      body: updateBody,
      handler: (request) => update(request, request.body, true),
    }),
    route({
      method: 'PUT',
      path: '/v1/:tenant/stacks/:stack/:id/preview',
      policy: 'stacks:preview_update',
      summary: 'Shows what an update to these inputs would do',
      body: updateBody,
      handler: (request) => previewUpdate(request, request.body, false),
    }),
    route({
      method: 'PATCH',
      path: '/v1/:tenant/stacks/:stack/:id/preview',
      policy: 'stacks:preview_update',
      summary: 'Shows what an update of what is given of the inputs would do',
      body: updateBody,
      handler: (request) => previewUpdate(request, request.body, true),
    }),
    route({
      method: 'DELETE',
      path: '/v1/:tenant/stacks/:stack/:id',
      policy: 'stacks:delete',
      summary: 'Deletes a stack',
      handler: remove,
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/stacks/:stack/:id/outputs',
      policy: 'stacks:list_outputs',
      summary: 'Lists outputs',
      handler: async (request) => {
        const { graph } = await service.graph(await stackOf(database, request));
        const stack = await stackOf(database, request);
        const outputs = [...(graph.stacks.get(stack.path)?.outputs.values() ?? [])];
        return json({ outputs: outputs.map(({ name, description }) => ({ output_key: name, description })) });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/stacks/:stack/:id/outputs/:output',
      policy: 'stacks:show_output',
      summary: 'Shows an output',
      handler: async (request) => {
        const stack = await stackOf(database, request);
        const found = (await outputsOf(service, stack)).find((output) => output.output_key === request.params.output);
        if (!found) throw errors.EntityNotFound('Output', request.params.output ?? '');
        return json({ output: found });
      },
    }),
    ...(['template', 'environment', 'files'] as const).map((part) =>
      route({
        method: 'GET',
        path: `/v1/:tenant/stacks/:stack/:id/${part}`,
        policy: `stacks:${part}`,
        summary: `Shows the ${part} of a stack`,
        handler: async (request) => {
          const stack = await stackOf(database, request);
          const { graph } = await service.graph(stack);
          const view = graph.stacks.get(stack.path);
          if (part === 'template') return json(view?.template ?? {});
          if (part === 'environment') return json(view?.environment ?? {});
          const inputs = await inputsOf(database, stack.root_id, stack.generation);
          return json(inputs?.files ?? {});
        },
      }),
    ),
    ...['/v1/:tenant/stacks/:stack/actions', '/v1/:tenant/stacks/:stack/:id/actions'].map((path) =>
      route({
        method: 'POST',
        path,
        policy: 'actions:action',
        summary: 'Checks a stack, or cancels what it does',
        body: Type.Record(Type.String(), Type.Unknown()),
        handler: async (request) => {
          const stack = await stackOf(database, request);
          const [action = ''] = Object.keys(request.body);
          switch (action) {
            case 'cancel_update':
            case 'cancel_without_rollback':
              await service.cancel(stack, { rollback: action === 'cancel_update' });
              return empty(202);
            case 'check': {
              const inputs = await inputsOf(database, stack.id, stack.generation);
              if (inputs) await service.update(request.context.caller, stack, inputs, {});
              return empty(202);
            }
            default:
              throw errors.ActionNotSupported(action);
          }
        },
      }),
    ),
  ];
}

const sortKeys: Readonly<Record<string, string>> = {
  stack_name: 'name',
  stack_status: 'status',
  creation_time: 'creation_time',
  updated_time: 'updated_time',
};

async function list(database: Database, request: ApiRequest) {
  const { search } = request;
  const global = search.get('global_tenant')?.toLowerCase() === 'true';
  if (global) request.enforce('stacks:global_index');
  const project = projectOf(request);
  let query = stackTables(database).selectFrom('stacks').selectAll().where('deletion_time', 'is', null);
  if (!global) query = query.where('project_id', '=', project);
  if (search.get('show_nested')?.toLowerCase() !== 'true') query = query.where('parent_id', 'is', null);
  const names = search.getAll('name').concat(search.getAll('stack_name'));
  if (names.length > 0) query = query.where('name', 'in', names);
  if (search.getAll('id').length > 0) query = query.where(sql<boolean>`id::text = any(${search.getAll('id')}::text[])`);
  const statuses = search.getAll('status').concat(search.getAll('stack_status'));
  if (statuses.length > 0)
    query = query.where(
      sql<boolean>`(status = any(${statuses}::text[]) or action || '_' || status = any(${statuses}::text[]))`,
    );
  if (search.getAll('action').length > 0) query = query.where('action', 'in', search.getAll('action'));
  const tags = search.get('tags');
  if (tags) query = query.where(sql<boolean>`tags @> ${tags.split(',')}::text[]`);
  const tagsAny = search.get('tags_any') ?? search.get('tags-any');
  if (tagsAny) query = query.where(sql<boolean>`tags && ${tagsAny.split(',')}::text[]`);
  const notTags = search.get('not_tags') ?? search.get('not-tags');
  if (notTags) query = query.where(sql<boolean>`not tags @> ${notTags.split(',')}::text[]`);
  const marker = search.get('marker');
  if (marker)
    query = query.where(
      sql<boolean>`(creation_time, id) < (select creation_time, id from stacks where id::text = ${marker})`,
    );
  const key = sortKeys[search.get('sort_keys') ?? ''];
  const direction = search.get('sort_dir') === 'asc' ? 'asc' : 'desc';
  query = query.orderBy(key ? sql.ref(key) : sql.ref('creation_time'), direction).orderBy('id', 'desc');
  const limit = Number(search.get('limit') ?? 0);
  if (limit > 0) query = query.limit(limit);
  const rows = await query.execute();
  const links = linksOf(request);
  const withCount = search.get('with_count')?.toLowerCase() === 'true';
  return json({
    stacks: rows.map((row) => ({ ...stackSummary(links, row), ...(global ? { project: row.project_id } : {}) })),
    ...(withCount ? { count: rows.length } : {}),
  });
}

async function detail(service: StackService, request: ApiRequest, stack: StackRow, withOutputs: boolean) {
  const { graph, values } = await service.graph(stack);
  const view = graph.stacks.get(stack.path);
  const hidden = new Set(view?.hiddenParameters ?? []);
  let parameters: Record<string, unknown> = {};
  try {
    parameters = Object.fromEntries(
      Object.entries(view?.parameters(values) ?? {}).map(([name, value]) => [
        name,
        hidden.has(name) ? '******' : textOf(value),
      ]),
    );
  } catch (error) {
    if (!(error instanceof NotYetKnown || error instanceof TemplateError)) throw error;
  }
  const outputs =
    withOutputs && stack.status !== 'IN_PROGRESS' ? await outputsOf(service, stack) : withOutputs ? [] : undefined;
  return stackDetail(linksOf(request), stack, parameters, outputs);
}

/** Heat shows every parameter as text. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return JSON.stringify(value);
}

async function outputsOf(service: StackService, stack: StackRow): Promise<ShownOutput[]> {
  const { graph, values } = await service.graph(stack);
  return [...(graph.stacks.get(stack.path)?.outputs.values() ?? [])].map((output) => {
    const shown = { output_key: output.name, description: output.description };
    try {
      return { ...shown, output_value: templateErrors(() => output.value(values)) };
    } catch (error) {
      return { ...shown, output_value: null, output_error: error instanceof Error ? error.message : String(error) };
    }
  });
}
