// Actions on a whole stack: check, suspend or resume what it has, or stop what it does.
import { Type } from '@sinclair/typebox';
import type { Database } from '../../database/index.ts';
import { empty, type Route, route } from '../../openstack/index.ts';
import { isVisit, visits } from '../apply/visit.ts';
import { errors } from '../errors.ts';
import type { StackService } from '../service.ts';
import { stackOf } from './request.ts';

export function actionRoutes(database: Database, service: StackService): Route[] {
  return [
    ...['/v1/:tenant/stacks/:stack/actions', '/v1/:tenant/stacks/:stack/:id/actions'].map((path) =>
      route({
        method: 'POST',
        path,
        policy: 'actions:action',
        summary: 'Checks, suspends or resumes what a stack has, or cancels what it does',
        body: Type.Record(Type.String(), Type.Unknown()),
        handler: async (request) => {
          const stack = await stackOf(database, request);
          const [action, ...others] = Object.keys(request.body);
          if (action === undefined) throw errors.ActionMissing();
          if (others.length > 0) throw errors.ActionAmbiguous();
          const visit = action.toUpperCase();
          if (isVisit(visit) && action === visits[visit]) await service.visit(request.context.caller, stack, visit);
          else if (action === 'cancel_update' || action === 'cancel_without_rollback')
            await service.cancel(stack, { rollback: action === 'cancel_update' });
          else throw errors.ActionNotSupported(action);
          return empty(202);
        },
      }),
    ),
  ];
}
