// Plans, an addition of ours to Heat's API: shown first, then applied exactly as shown.
import { type ApiRequest, json, type Route, route } from '../../openstack/index.ts';
import type { Plan, PlanService } from '../plan/plans.ts';
import { stackUrl } from '../stack/view.ts';
import { linksOf, projectOf, wholeInputs } from './request.ts';
import { createBody, settingsOf } from './stack-body.ts';

function view(plan: Plan) {
  return {
    id: plan.id,
    stack_name: plan.stackName,
    stack_id: plan.stackId,
    digest: plan.digest,
    created_at: plan.createdAt,
    expires_at: plan.expiresAt,
    ...plan.document,
  };
}

export function planRoutes(plans: PlanService): Route[] {
  const id = (request: ApiRequest) => request.params.plan ?? '';
  return [
    route({
      method: 'POST',
      path: '/v1/:tenant/plans',
      policy: 'plans:create',
      summary: 'Makes a plan: what these inputs would do to the stack',
      body: createBody,
      handler: async (request) => {
        projectOf(request);
        const { body } = request;
        return json(
          {
            plan: view(await plans.make(request.context.caller, body.stack_name, wholeInputs(body), settingsOf(body))),
          },
          201,
        );
      },
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/plans/:plan',
      policy: 'plans:show',
      summary: 'Shows a plan',
      handler: async (request) => json({ plan: view(await plans.get(id(request), projectOf(request))) }),
    }),
    route({
      method: 'POST',
      path: '/v1/:tenant/plans/:plan/apply',
      policy: 'plans:apply',
      summary: 'Applies a plan exactly as shown',
      handler: async (request) => {
        projectOf(request);
        const stack = await plans.apply(request.context.caller, id(request));
        return json(
          {
            stack: {
              id: stack.id,
              stack_name: stack.name,
              operation_id: stack.operation_id,
              links: [{ href: stackUrl(linksOf(request), stack), rel: 'self' }],
            },
          },
          202,
        );
      },
    }),
  ];
}
