// Handlers for a server's interfaces: its ports on the NICs of its machine.
import { type Static, Type } from '@sinclair/typebox';
import { atLeast, empty, json, type RequestContext } from '../../openstack/index.ts';
import { recordAction } from '../action/store.ts';
import { errors } from '../errors.ts';
import { attachPort, detachPort } from '../lifecycle/attach.ts';
import type { ServerPortRow, ServerRow } from '../tables.ts';
import { type HandlerParts, type Request, refuseLocked, seeServer } from './handlers.ts';
import { onlyNetwork, resolveNetwork } from './order.ts';
import { findServer, lockServer } from './store.ts';

const listRule = 'os_compute_api:os-attach-interfaces:list';

export const newInterface = Type.Object(
  {
    interfaceAttachment: Type.Optional(
      Type.Object(
        {
          net_id: Type.Optional(Type.String({ format: 'uuid' })),
          port_id: Type.Optional(Type.String({ format: 'uuid' })),
          fixed_ips: Type.Optional(
            Type.Array(
              // `subnet_id`, as Networking has it, is beyond Nova's schema: stacks name subnets.
              Type.Object(
                {
                  ip_address: Type.Optional(
                    Type.Union([Type.String({ format: 'ipv4' }), Type.String({ format: 'ipv6' })]),
                  ),
                  subnet_id: Type.Optional(Type.String({ format: 'uuid' })),
                },
                { additionalProperties: false, minProperties: 1 },
              ),
              { minItems: 1, maxItems: 1 },
            ),
          ),
          tag: Type.Optional(Type.String({ minLength: 1, maxLength: 60, pattern: '^[^,/\\u0000]*$' })),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

export function interfaceHandlers(parts: HandlerParts) {
  const { database, networks } = parts;

  /** The server, held while its interfaces change: at rest, with a machine. */
  function refuseBusy(server: ServerRow | undefined, id: string, what: string): asserts server is ServerRow {
    if (!server) throw errors.ServerNotFound(id);
    if (server.task_state !== null) throw errors.ServerState(id, what, `task_state ${server.task_state}`);
    if (server.vm_state !== 'active' && server.vm_state !== 'stopped')
      throw errors.ServerState(id, what, `vm_state ${server.vm_state}`);
  }

  return {
    async list(request: Request) {
      const { ports } = await seeServer(parts, request, listRule);
      return json({ interfaceAttachments: ports.map((port) => view(port, request.context)) });
    },

    async show(request: Request) {
      const { ports } = await seeServer(parts, request, listRule);
      const id = request.params.port ?? '';
      const port = ports.find((one) => one.port_id === id);
      if (!port) throw errors.PortNotAttached(id);
      return json({ interfaceAttachment: view(port, request.context) });
    },

    async attach(request: Request<Static<typeof newInterface>>) {
      const { server } = await seeServer(parts, request, 'os_compute_api:os-attach-interfaces:create');
      const { caller, microversion, requestId } = request.context;
      refuseLocked(server, caller);
      const given = request.body.interfaceAttachment ?? {};
      const [{ ip_address: fixedIp, subnet_id: subnetId } = {}] = given.fixed_ips ?? [];
      if (given.tag !== undefined && !atLeast(microversion, '2.49'))
        throw errors.Invalid("Invalid input for field/attribute interfaceAttachment. 'tag' is known since 2.49");
      if (given.net_id !== undefined && given.port_id !== undefined)
        throw errors.Invalid('Must not input both network_id and port_id');
      if ((fixedIp ?? subnetId) !== undefined && given.net_id === undefined)
        throw errors.Invalid('Must input network_id when request IP address');
      const networkId = given.net_id ?? (given.port_id === undefined ? await onlyNetwork(networks, caller) : undefined);
      const wanted = await resolveNetwork(
        networks,
        {
          ...(networkId === undefined ? {} : { networkId }),
          ...(given.port_id === undefined ? {} : { portId: given.port_id }),
          ...(subnetId === undefined ? {} : { subnetId }),
          ...(fixedIp === undefined ? {} : { fixedIp }),
          ...(given.tag === undefined ? {} : { tag: given.tag }),
        },
        { maxCount: 1 },
        caller,
      );
      const portId = await database.transaction().execute(async (tx) => {
        const now = await lockServer(tx, server.id);
        refuseBusy(now, server.id, 'attach_interface');
        const port = await attachPort(parts, tx, now, wanted);
        await recordAction(tx, { serverId: server.id, action: 'attach_interface', caller, requestId });
        return port.id;
      });
      const port = (await findServer(database, server.id))?.ports.find((one) => one.port_id === portId);
      if (!port) throw errors.PortNotAttached(portId);
      return json({ interfaceAttachment: view(port, request.context) });
    },

    async detach(request: Request) {
      const { server } = await seeServer(parts, request, 'os_compute_api:os-attach-interfaces:delete');
      const { caller, requestId } = request.context;
      refuseLocked(server, caller);
      const portId = request.params.port ?? '';
      await database.transaction().execute(async (tx) => {
        refuseBusy(await lockServer(tx, server.id), server.id, 'detach_interface');
        if (!(await detachPort(parts, tx, server.id, portId))) throw errors.PortNotAttached(portId);
        await recordAction(tx, { serverId: server.id, action: 'detach_interface', caller, requestId });
      });
      return empty(202);
    },
  };
}

function view(port: ServerPortRow, { microversion }: RequestContext): Record<string, unknown> {
  return {
    port_id: port.port_id,
    net_id: port.network_id,
    mac_addr: port.mac_address,
    port_state: 'ACTIVE',
    fixed_ips: port.fixed_ips.map(({ ip, subnetId }) => ({ ip_address: ip, subnet_id: subnetId })),
    ...(atLeast(microversion, '2.70') ? { tag: port.tag } : {}),
  };
}
