// Previews: what a create or an update would do, as Heat shows it.
import type { Database } from '../../database/index.ts';
import { type ApiRequest, json, type Route, route } from '../../openstack/index.ts';
import { type PlanSources, planChanges } from '../plan/changes.ts';
import type { StackService } from '../service.ts';
import { inputsOf, resourcesOfTree } from '../stack/store.ts';
import { stackUrl } from '../stack/view.ts';
import { previewOf } from './create-preview.ts';
import { linksOf, patchedInputs, projectOf, stackOf, wholeInputs } from './request.ts';
import { resourceChanges } from './resource-changes.ts';
import { createBody, settingsOf, updateBody } from './stack-body.ts';

export function previewRoutes(database: Database, service: StackService, sources: PlanSources): Route[] {
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
  return [
    route({
      method: 'POST',
      path: '/v1/:tenant/stacks/preview',
      policy: 'stacks:preview',
      summary: 'Shows what a create would make',
      body: createBody,
      handler: async (request) => {
        const { body } = request;
        const graph = await service.check(request.context.caller, body.stack_name, wholeInputs(body));
        const settings = settingsOf(body);
        const projectId = projectOf(request);
        const description = graph.stacks.get('')?.description ?? '';
        const href = stackUrl(linksOf(request), { project_id: projectId, name: body.stack_name, id: 'None' });
        return json({
          stack: {
            id: 'None',
            links: [{ href, rel: 'self' }],
            stack_name: body.stack_name,
            description,
            template_description: description,
            creation_time: null,
            updated_time: null,
            deletion_time: null,
            disable_rollback: settings.disableRollback ?? true,
            timeout_mins: settings.timeoutMins ?? null,
            tags: settings.tags ?? null,
            parent: null,
            stack_owner: null,
            stack_user_project_id: projectId,
            capabilities: [],
            notification_topics: [],
            outputs: [],
            ...previewOf(graph, { name: body.stack_name, projectId, types: sources.types }),
          },
        });
      },
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
  ];
}
