// Parts of a stack: its outputs, its template, its environment and its files.
import type { Database } from '../../database/index.ts';
import { json, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { StackService } from '../service.ts';
import { inputsOf } from '../stack/store.ts';
import { stackOf } from './request.ts';
import { outputsOf } from './stack-detail.ts';

export function stackPartRoutes(database: Database, service: StackService): Route[] {
  return [
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
  ];
}
