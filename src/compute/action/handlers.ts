// Handlers for os-instance-actions: what was done to a server, by whom, and how it ended.
import { createHash } from 'node:crypto';
import { type ApiRequest, atLeast, json, type RequestContext } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { microseconds } from '../links.ts';
import type { ComputeParts } from '../parts.ts';
import { seeServer } from '../server/handlers.ts';
import type { InstanceActionRow } from '../tables.ts';
import { listActions } from './store.ts';

export function actionLogHandlers(parts: Pick<ComputeParts, 'database' | 'host'>) {
  const rule = 'os_compute_api:os-instance-actions:list';
  return {
    async list(request: ApiRequest) {
      const { server } = await seeServer(parts, request, rule);
      const rows = await listActions(parts.database, server.id);
      return json({ instanceActions: rows.map((row) => view(row, request.context)) });
    },
    async show(request: ApiRequest) {
      const { server } = await seeServer(parts, request, rule);
      const id = request.params.request ?? '';
      const row = (await listActions(parts.database, server.id)).find((one) => one.request_id === id);
      if (!row) throw errors.ActionNotFound(id, server.id);
      const { context, may } = request;
      const details = may('os_compute_api:os-instance-actions:events:details');
      const events =
        details || atLeast(context.microversion, '2.51') ? [eventView(row, parts.host, details, context)] : [];
      return json({ instanceAction: { ...view(row, context), events } });
    },
  };
}

function view(row: InstanceActionRow, { microversion }: RequestContext): Record<string, unknown> {
  return {
    action: row.action,
    instance_uuid: row.server_id,
    request_id: row.request_id,
    user_id: row.user_id,
    project_id: row.project_id,
    start_time: microseconds(row.started_at),
    message: row.message,
    ...(atLeast(microversion, '2.58') ? { updated_at: microseconds(row.updated_at) } : {}),
  };
}

/** The one event of an action: the operation that carried it out. */
function eventView(
  row: InstanceActionRow,
  host: string,
  details: boolean,
  { microversion }: RequestContext,
): Record<string, unknown> {
  return {
    event: `compute_${row.action}`,
    start_time: microseconds(row.started_at),
    finish_time: microseconds(row.finished_at),
    result: row.result,
    ...(details ? { traceback: row.result === 'Error' ? row.message : null } : {}),
    ...(atLeast(microversion, '2.62')
      ? {
          hostId: createHash('sha224')
            .update(row.project_id + host)
            .digest('hex'),
          ...(details ? { host } : {}),
        }
      : {}),
    ...(atLeast(microversion, '2.84') ? { details: row.message } : {}),
  };
}
