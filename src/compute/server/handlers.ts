// Handlers for servers: create, list, show, change, delete.
import type { Static } from '@sinclair/typebox';
import type { Transaction } from '../../database/index.ts';
import { type ApiRequest, atLeast, type Caller, empty, json } from '../../openstack/index.ts';
import { recordAction } from '../action/store.ts';
import { errors } from '../errors.ts';
import { isTrue, nextLinks, selfLinks } from '../links.ts';
import type { ComputeParts } from '../parts.ts';
import { inTables, type ServerRow } from '../tables.ts';
import { createServers } from './create.ts';
import { listServers } from './list-query.ts';
import type { OrderSources, ServerOrder } from './order.ts';
import { type newServer, serverAttributesSince, type serverChange } from './schemas.ts';
import { changeServer, findServer, lockServer, portsOf, type ServerWithPorts } from './store.ts';
import { briefView, ipsView, serverView } from './view.ts';

export type Request<Body = unknown> = ApiRequest<unknown, Body>;
export type HandlerParts = ComputeParts & OrderSources;
type ServerBody = Static<typeof newServer>;

export function serverHandlers(parts: HandlerParts) {
  const { database, host } = parts;

  async function list(request: Request, detail: boolean) {
    const { context, search, may } = request;
    const page = await listServers(database, request, detail ? 'detail' : 'index');
    const ports = detail
      ? await portsOf(
          database,
          page.servers.map(({ id }) => id),
        )
      : [];
    const view = (row: ServerRow) =>
      detail
        ? serverView(
            row,
            ports.filter((port) => port.server_id === row.id),
            context,
            { may, single: false, host },
          )
        : briefView(row, context);
    const path = detail ? '/servers/detail' : '/servers';
    return json({
      servers: page.servers.map(view),
      ...nextLinks('servers', context.baseUrl, path, search, { lastId: page.servers.at(-1)?.id, full: page.full }),
    });
  }

  return {
    list: (request: Request) => list(request, false),
    detail: (request: Request) => list(request, true),

    async create({ body, context, enforce }: Request<ServerBody>) {
      const { caller, microversion } = context;
      const given = body.server;
      for (const [name, since] of Object.entries(serverAttributesSince))
        if (Object.hasOwn(given, name) && !atLeast(microversion, since))
          throw errors.Invalid(
            `Invalid input for field/attribute server. Additional properties are not allowed ('${name}' was unexpected)`,
          );
      if (caller.projectId === undefined)
        throw errors.Invalid('A server belongs to a project: use a token with project scope.');
      enforce('os_compute_api:servers:create', { project_id: caller.projectId, user_id: caller.userId });
      const order = orderOf(body, atLeast(microversion, '2.37'));
      if (order.node !== undefined || order.availabilityZone?.includes(':'))
        enforce('os_compute_api:servers:create:forced_host', { project_id: caller.projectId });
      const made = await createServers(parts, order, caller, { requestId: context.requestId });
      const first = made.servers[0];
      if (!first) throw errors.Invalid('min_count must be at least 1.');
      if (isTrue(given.return_reservation_id, false)) return json({ reservation_id: made.reservationId }, 202);
      const links = selfLinks(context.baseUrl, `servers/${first.id}`);
      const server = {
        id: first.id,
        links,
        'OS-DCF:diskConfig': 'MANUAL',
        security_groups: [{ name: 'default' }],
      };
      return json({ server }, 202, { location: links[0]?.href ?? '' });
    },

    async show(request: Request) {
      const { server, ports } = await seeServer(parts, request, 'os_compute_api:servers:show');
      return json({ server: serverView(server, ports, request.context, { may: request.may, single: true, host }) });
    },

    async update(request: Request<Static<typeof serverChange>>) {
      const { server } = await seeServer(parts, request, 'os_compute_api:servers:update');
      const given = request.body.server;
      for (const name of ['description', 'hostname'] as const)
        if (Object.hasOwn(given, name) && !atLeast(request.context.microversion, serverAttributesSince[name] ?? '2.1'))
          throw errors.Invalid(
            `Invalid input for field/attribute server. Additional properties are not allowed ('${name}' was unexpected)`,
          );
      await database.transaction().execute((tx) =>
        changeServer(tx, server.id, {
          ...(given.name === undefined ? {} : { name: given.name }),
          ...(given.description === undefined ? {} : { description: given.description }),
          ...(given.hostname === undefined ? {} : { hostname: given.hostname }),
          ...(given.accessIPv4 === undefined ? {} : { access_ip_v4: given.accessIPv4 ?? '' }),
          ...(given.accessIPv6 === undefined ? {} : { access_ip_v6: given.accessIPv6 ?? '' }),
        }),
      );
      const saved = await reload(parts, server.id);
      const view = serverView(saved.server, saved.ports, request.context, { may: request.may, single: true, host });
      return json({ server: view });
    },

    async remove(request: Request) {
      const { server } = await seeServer(parts, request, 'os_compute_api:servers:delete');
      refuseLocked(server, request.context.caller);
      await startDelete(parts, server, request.context.caller, { requestId: request.context.requestId });
      return empty(204);
    },

    async ips(request: Request) {
      const { ports } = await seeServer(parts, request, 'os_compute_api:ips:index');
      return json({ addresses: ipsView(ports) });
    },

    async ipsOfNetwork(request: Request) {
      const { ports } = await seeServer(parts, request, 'os_compute_api:ips:index');
      const name = request.params.network ?? '';
      const addresses = ipsView(ports);
      if (!Object.hasOwn(addresses, name)) throw errors.Invalid(`Network ${name} not found`);
      return json({ [name]: addresses[name] });
    },

    async securityGroups(request: Request) {
      const { ports } = await seeServer(parts, request, 'os_compute_api:os-security-groups:list');
      return json({ security_groups: ports.length > 0 ? [{ name: 'default' }] : [] });
    },
  };
}

/** Finds `:server` for a request that passes `rule`. Throws ServerNotFound, also for one of another project. */
export async function seeServer(
  { database }: Pick<ComputeParts, 'database'>,
  { params, context, enforce }: Pick<Request, 'params' | 'context' | 'enforce'>,
  rule: string,
): Promise<ServerWithPorts> {
  const id = params.server ?? '';
  const found = isUuid(id) ? await findServer(database, id) : undefined;
  const { caller } = context;
  const reachable = found && (found.server.project_id === caller.projectId || caller.roles.includes('admin'));
  if (!found || !reachable) throw errors.ServerNotFound(id);
  enforce(rule, { project_id: found.server.project_id, user_id: found.server.user_id });
  return found;
}

export async function reload({ database }: Pick<ComputeParts, 'database'>, id: string): Promise<ServerWithPorts> {
  const found = await findServer(database, id);
  if (!found) throw errors.ServerNotFound(id);
  return found;
}

export function refuseLocked(server: ServerRow, caller: Caller): void {
  if (server.locked && !caller.roles.includes('admin')) throw errors.ServerLocked(server.id);
}

/** Starts the removal and stops what else is at work on the server; twice is harmless. Returns the operation's id. */
export async function startDelete(
  parts: Pick<ComputeParts, 'database' | 'operations'>,
  server: ServerRow,
  caller: Caller,
  { requestId, parentId }: { requestId: string; parentId?: string },
): Promise<string> {
  const { database, operations } = parts;
  const target = `server:${server.id}`;
  const running = await operations.list({ target, states: ['queued', 'running', 'waiting'] });
  const already = running.find(({ kind }) => kind === 'server.delete');
  if (already) return already.id;
  const started = await database.transaction().execute(async (tx: Transaction) => {
    const now = await lockServer(tx, server.id);
    if (!now) throw errors.ServerNotFound(server.id);
    const operationId = await operations.start(tx, {
      kind: 'server.delete',
      target,
      input: { serverId: server.id },
      requestedBy: caller.userName ?? caller.userId,
      projectId: server.project_id,
      requestId,
      ...(parentId === undefined ? {} : { parentId }),
    });
    await changeServer(tx, server.id, { task_state: 'deleting', operation_id: operationId }, operationId);
    await recordAction(tx, { serverId: server.id, action: 'delete', caller, requestId, operationId });
    return operationId;
  });
  for (const { id } of running) await operations.cancel(id, 'the server is being deleted');
  return started;
}

/** Networks that were not named mean all there is, which since 2.37 has to be said. */
function orderOf({ server, ...beside }: ServerBody, mustName: boolean): ServerOrder {
  if (server.networks === undefined && mustName)
    throw errors.Invalid("Invalid input for field/attribute server. 'networks' is a required property");
  if (typeof server.networks === 'string' && !mustName)
    throw errors.Invalid('Invalid input for field/attribute networks. auto and none are known since 2.37');
  refuseVolumes(server.block_device_mapping_v2 ?? [], server.imageRef);
  const hints =
    beside['os:scheduler_hints'] ?? beside['OS-SCH-HNT:scheduler_hints'] ?? server['OS-SCH-HNT:scheduler_hints'] ?? {};
  const minCount = Number(server.min_count ?? 1);
  const maxCount = Number(server.max_count ?? minCount);
  if (minCount > maxCount) throw errors.Invalid('min_count must be <= max_count');
  const networks = typeof server.networks === 'object' ? server.networks.map(toNetwork) : (server.networks ?? 'auto');
  return {
    name: server.name,
    flavorId: lastPart(String(server.flavorRef)),
    imageId: server.imageRef === undefined ? undefined : lastPart(server.imageRef),
    networks: typeof networks === 'object' && networks.length === 0 && !mustName ? 'auto' : networks,
    minCount,
    maxCount,
    // A deployed machine has no metadata service before its network is up: the drive is always written.
    configDrive: true,
    metadata: server.metadata ?? {},
    tags: server.tags ?? [],
    schedulerHints: hints,
    ...(server.key_name === undefined || server.key_name === null ? {} : { keyName: server.key_name }),
    ...(server.user_data === undefined || server.user_data === null ? {} : { userData: server.user_data }),
    ...(server.description === undefined ? {} : { description: server.description }),
    ...(server.hostname === undefined ? {} : { hostname: server.hostname }),
    ...(server.availability_zone ? { availabilityZone: server.availability_zone } : {}),
    ...(server.hypervisor_hostname === undefined ? {} : { node: server.hypervisor_hostname }),
    ...(hints.group === undefined ? {} : { groupId: hints.group }),
    ...(server.accessIPv4 ? { accessIpV4: server.accessIPv4 } : {}),
    ...(server.accessIPv6 ? { accessIpV6: server.accessIPv6 } : {}),
  };
}

function toNetwork(given: { uuid?: string; port?: string | null; fixed_ip?: string; tag?: string }) {
  if (given.port === undefined || given.port === null) {
    if (given.uuid === undefined) throw errors.Invalid('A network needs a uuid or a port.');
  }
  return {
    ...(given.uuid === undefined ? {} : { networkId: given.uuid }),
    ...(given.port === undefined || given.port === null ? {} : { portId: given.port }),
    ...(given.fixed_ip === undefined ? {} : { fixedIp: given.fixed_ip }),
    ...(given.tag === undefined ? {} : { tag: given.tag }),
  };
}

/** A mapping of the image to the local disk says what is so anyway; volumes are not offered. */
function refuseVolumes(
  devices: readonly { source_type?: string; destination_type?: string | null; uuid?: string }[],
  imageRef: string | undefined,
): void {
  for (const device of devices) {
    const local = device.destination_type === undefined || device.destination_type === 'local';
    if (device.source_type !== 'image' || !local || device.uuid !== imageRef)
      throw errors.Invalid('Block Device Mapping is Invalid: volumes are not offered for bare-metal servers.');
  }
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

function lastPart(text: string): string {
  return text.slice(text.lastIndexOf('/') + 1);
}

/** Changes metadata or tags under the server's lock; its state stays. Throws ServerNotFound. */
export async function setColumns(
  { database }: Pick<ComputeParts, 'database'>,
  id: string,
  edit: (row: ServerRow) => { metadata?: string; tags?: readonly string[] },
): Promise<ServerRow> {
  return database.transaction().execute(async (tx) => {
    const row = await lockServer(tx, id);
    if (!row) throw errors.ServerNotFound(id);
    return inTables(tx)
      .updateTable('compute_servers')
      .set(edit(row))
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
  });
}
