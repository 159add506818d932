// Handlers for POST /servers/ID/action.
import { randomBytes } from 'node:crypto';
import type { Static } from '@sinclair/typebox';
import type { Transaction } from '../../database/index.ts';
import { atLeast, empty, json } from '../../openstack/index.ts';
import { recordAction } from '../action/store.ts';
import { errors } from '../errors.ts';
import { type PowerActionName, powerActions } from '../lifecycle/power.ts';
import { inTables, type ServerRow } from '../tables.ts';
import { type HandlerParts, isUuid, type Request, refuseLocked, reload, seeServer, startDelete } from './handlers.ts';
import { checkImage, checkUserData } from './order.ts';
import type { serverAction } from './schemas.ts';
import type { TaskState, VmState } from './server.ts';
import { changeServer, lockServer } from './store.ts';
import { serverView } from './view.ts';

type Action = Static<typeof serverAction>;
type Rebuild = NonNullable<Action['rebuild']>;
type Rescue = NonNullable<Action['rescue']>;

/** Actions of virtual machines, which a whole machine cannot do. */
const notOffered = new Set([
  'suspend',
  'resume',
  'pause',
  'unpause',
  'migrate',
  'os-migrateLive',
  'resize',
  'confirmResize',
  'revertResize',
  'shelve',
  'unshelve',
  'shelveOffload',
  'createBackup',
  'createImage',
  'evacuate',
  'os-getVNCConsole',
  'os-getSPICEConsole',
  'os-getRDPConsole',
  'os-getSerialConsole',
  'os-getConsoleOutput',
  'changePassword',
  'restore',
  'addFloatingIp',
  'removeFloatingIp',
  'addFixedIp',
  'removeFixedIp',
  'addSecurityGroup',
  'removeSecurityGroup',
  'trigger_crash_dump',
  'injectNetworkInfo',
  'resetNetwork',
]);

export function actionHandler(parts: HandlerParts) {
  const { database, operations, host } = parts;

  /** Starts an operation on the server when its state allows it. */
  async function start(
    request: Request<Action>,
    server: ServerRow,
    work: {
      readonly kind: string;
      readonly action: string;
      readonly task: TaskState;
      readonly from: readonly VmState[];
      readonly input?: Readonly<Record<string, string | boolean>>;
      readonly change?: Readonly<Record<string, unknown>>;
      /** Goes into the same transaction. */
      readonly begin?: (tx: Transaction, operationId: string) => Promise<unknown>;
    },
  ): Promise<void> {
    const { caller, requestId } = request.context;
    refuseLocked(server, caller);
    await database.transaction().execute(async (tx) => {
      const now = await lockServer(tx, server.id);
      if (!now) throw errors.ServerNotFound(server.id);
      if (now.task_state !== null) throw errors.ServerState(server.id, work.action, `task_state ${now.task_state}`);
      if (!work.from.includes(now.vm_state))
        throw errors.ServerState(server.id, work.action, `vm_state ${now.vm_state}`);
      const operationId = await operations.start(tx, {
        kind: work.kind,
        target: `server:${server.id}`,
        input: { serverId: server.id, ...work.input },
        requestedBy: caller.userName ?? caller.userId,
        projectId: server.project_id,
        requestId,
      });
      const change = { ...work.change, task_state: work.task, operation_id: operationId };
      await changeServer(tx, server.id, change, operationId);
      await work.begin?.(tx, operationId);
      await recordAction(tx, { serverId: server.id, action: work.action, caller, requestId, operationId });
    });
  }

  function power(request: Request<Action>, server: ServerRow, name: PowerActionName) {
    const { task, from } = powerActions[name];
    const action = name.endsWith('reboot') ? 'reboot' : name;
    return start(request, server, { kind: 'server.power', action, task, from, input: { action: name } });
  }

  async function rebuild(request: Request<Action>, server: ServerRow, given: Rebuild) {
    const { context } = request;
    const imageId = given.imageRef.slice(given.imageRef.lastIndexOf('/') + 1);
    const image = isUuid(imageId) ? await parts.images.find(imageId, context.caller) : undefined;
    if (image?.id !== imageId) throw errors.ImageUnknown(imageId);
    checkImage(server.flavor, image);
    if (given.user_data) checkUserData(given.user_data);
    const key = given.key_name ? await parts.keypairs.find(server.user_id, given.key_name) : undefined;
    if (given.key_name && !key) throw errors.KeypairUnknown();
    await start(request, server, {
      kind: 'server.rebuild',
      action: 'rebuild',
      task: 'rebuilding',
      from: ['active', 'stopped', 'error'],
      input: { preserve_ephemeral: /^(true|1|yes|on|t|y)$/i.test(String(given.preserve_ephemeral)) },
      change: {
        image_id: image.id,
        ...(given.name === undefined ? {} : { name: given.name }),
        ...(given.metadata === undefined ? {} : { metadata: JSON.stringify(given.metadata) }),
        ...(given.description === undefined ? {} : { description: given.description }),
        ...(given.user_data === undefined ? {} : { user_data: given.user_data }),
        ...(given.hostname === undefined ? {} : { hostname: given.hostname }),
        ...(given.key_name === undefined ? {} : { key_name: given.key_name, public_key: key?.public_key ?? null }),
      },
    });
    const saved = await reload(parts, server.id);
    const view = serverView(saved.server, saved.ports, context, { may: request.may, single: true, host });
    return json({ server: view }, 202, { location: `${context.baseUrl}/v2.1/servers/${server.id}` });
  }

  /** The machine is asked in this very transaction: so the password is written down nowhere but sealed with its node. */
  async function rescue(request: Request<Action>, server: ServerRow, given: Rescue) {
    if (given.rescue_image_ref !== undefined)
      throw errors.Invalid(
        'Invalid input for field/attribute rescue_image_ref. Machines are rescued with the deploy ramdisk; leave it out.',
      );
    const { node_uuid: nodeUuid } = server;
    if (nodeUuid === null) throw errors.MachineMissing(server.id);
    const adminPass = given.adminPass ?? randomBytes(12).toString('base64url');
    const { caller } = request.context;
    await start(request, server, {
      kind: 'server.rescue',
      action: 'rescue',
      task: 'rescuing',
      from: ['active', 'stopped', 'error'],
      begin: (tx, parentId) =>
        parts.machines.rescue(tx, nodeUuid, adminPass, {
          parentId,
          requestedBy: caller.userName ?? caller.userId,
        }),
    });
    return json({ adminPass });
  }

  async function lock(request: Request<Action>, server: ServerRow, locked: boolean, reason: string | null) {
    await database.transaction().execute(async (tx) => {
      await inTables(tx)
        .updateTable('compute_servers')
        .set({ locked, locked_reason: reason })
        .where('id', '=', server.id)
        .execute();
      const { caller, requestId } = request.context;
      await recordAction(tx, { serverId: server.id, action: locked ? 'lock' : 'unlock', caller, requestId });
    });
  }

  return async (request: Request<Action>) => {
    const { body, context } = request;
    const see = async (rule: string) => (await seeServer(parts, request, `os_compute_api:${rule}`)).server;
    if ('os-start' in body) await power(request, await see('servers:start'), 'start');
    else if ('os-stop' in body) await power(request, await see('servers:stop'), 'stop');
    else if (body.reboot) {
      const hard = /hard/i.test(body.reboot.type);
      await power(request, await see('servers:reboot'), hard ? 'hard reboot' : 'soft reboot');
    } else if (body.rescue !== undefined) return rescue(request, await see('os-rescue'), body.rescue ?? {});
    else if ('unrescue' in body)
      await start(request, await see('os-unrescue'), {
        kind: 'server.unrescue',
        action: 'unrescue',
        task: 'unrescuing',
        from: ['rescued'],
      });
    else if (body.rebuild) return rebuild(request, await see('servers:rebuild'), body.rebuild);
    else if ('lock' in body) {
      const reason = body.lock?.locked_reason ?? null;
      if (reason !== null && !atLeast(context.microversion, '2.73'))
        throw errors.Invalid("Invalid input for field/attribute lock. 'locked_reason' is known since 2.73");
      await lock(request, await see('os-lock-server:lock'), true, reason);
    } else if ('unlock' in body) await lock(request, await see('os-lock-server:unlock'), false, null);
    else if (body['os-resetState']) {
      const server = await see('os-admin-actions:reset_state');
      const state = body['os-resetState'].state;
      await database.transaction().execute(async (tx) => {
        await changeServer(tx, server.id, { vm_state: state, task_state: null });
        const { caller, requestId } = context;
        await recordAction(tx, { serverId: server.id, action: 'resetState', caller, requestId });
      });
    } else if ('forceDelete' in body) {
      const server = await see('servers:delete');
      refuseLocked(server, context.caller);
      await startDelete(parts, server, context.caller, { requestId: context.requestId });
    } else {
      await see('servers:show');
      const [name = ''] = Object.keys(body);
      throw notOffered.has(name) ? errors.NotOffered(name) : errors.ActionUnknown(name);
    }
    return empty(202);
  };
}
