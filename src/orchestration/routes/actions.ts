// Actions on a whole stack: check it, or stop what it does.
import { Type } from '@sinclair/typebox';
import type { Database } from '../../database/index.ts';
import { empty, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { StackService } from '../service.ts';
import { inputsOf } from '../stack/store.ts';
import { stackOf } from './request.ts';

export function actionRoutes(database: Database, service: StackService): Route[] {
  return [
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
