// The stack routes of Heat's API.
import type { Database } from '../../database/index.ts';
import { type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import type { StackService } from '../service.ts';
import { adoptedResources, readAdoption } from '../stack/adoption.ts';
import { inputsOf } from '../stack/store.ts';
import { stackUrl } from '../stack/view.ts';
import { adoptedInputs, linksOf, patchedInputs, projectOf, stackOf, wholeInputs } from './request.ts';
import { createBody, type GivenSettings, settingsOf, updateBody } from './stack-body.ts';
import { detailOf } from './stack-detail.ts';
import { listStacks } from './stack-list.ts';

export function stackRoutes(database: Database, service: StackService): Route[] {
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
    return json({ stack: await detailOf(service, request, stack, withOutputs) });
  };
  const update = async (
    request: ApiRequest,
    body: Parameters<typeof wholeInputs>[0] & GivenSettings & { clear_parameters?: readonly string[] | null },
    patch: boolean,
  ) => {
    const stack = await stackOf(database, request);
    const before = await inputsOf(database, stack.id, stack.generation);
    const inputs = patch && before ? patchedInputs(before, body, body.clear_parameters ?? []) : wholeInputs(body);
    // A whole update says all of the stack: tags that it does not name are gone.
    const settings = { ...(patch ? {} : { tags: [] }), ...settingsOf(body) };
    await service.update(request.context.caller, stack, inputs, settings);
    return json({ stack: { id: stack.id, links: [{ href: stackUrl(linksOf(request), stack), rel: 'self' }] } }, 202);
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
      handler: (request) => listStacks(database, request),
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/stacks/detail',
      policy: 'stacks:detail',
      summary: 'Lists stacks',
      handler: (request) => listStacks(database, request),
    }),
    route({
      method: 'POST',
      path: '/v1/:tenant/stacks',
      policy: 'stacks:create',
      summary: 'Creates a stack',
      body: createBody,
      handler: async (request) => {
        projectOf(request);
        const { body, context } = request;
        const adoption = body.adopt_stack_data == null ? undefined : readAdoption(body.adopt_stack_data);
        const stack = await service.create(
          context.caller,
          body.stack_name,
          adoption ? adoptedInputs(adoption, body) : wholeInputs(body),
          settingsOf(body),
          adoption && adoptedResources(adoption),
        );
        const href = stackUrl(linksOf(request), stack);
        return json({ stack: { id: stack.id, links: [{ href, rel: 'self' }] } }, 201, { location: href });
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
      method: 'DELETE',
      path: '/v1/:tenant/stacks/:stack/:id',
      policy: 'stacks:delete',
      summary: 'Deletes a stack',
      handler: remove,
    }),
  ];
}
