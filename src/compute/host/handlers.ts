// Handlers for what stands behind compute: hypervisors (the nodes), services, the availability zone.
import { createHash } from 'node:crypto';
import { type ApiRequest, atLeast, json, type RequestContext } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { microseconds } from '../links.ts';
import { limitOf } from '../paging.ts';
import type { ComputeParts, Machine } from '../parts.ts';
import { zoneName } from '../server/order.ts';
import { tables } from '../tables.ts';

type Request = ApiRequest;
type HostParts = Pick<ComputeParts, 'database' | 'machines' | 'host'>;

export function hostHandlers(parts: HostParts, startedAt: Date) {
  const uses = async () => {
    const rows = await tables(parts.database)
      .selectFrom('compute_servers')
      .select(['id', 'name', 'node_uuid'])
      .where('node_uuid', 'is not', null)
      .execute();
    return new Map(rows.map((row) => [row.node_uuid, row]));
  };

  async function list({ context, search }: Request, detail: boolean) {
    const since = (version: string) => atLeast(context.microversion, version);
    const pattern = since('2.53') ? search.get('hypervisor_hostname_pattern') : null;
    const all = [...(await parts.machines.list())].sort((a, b) => a.uuid.localeCompare(b.uuid));
    const found = pattern === null ? all : all.filter(({ uuid }) => uuid.includes(pattern));
    if (pattern !== null && found.length === 0) throw errors.HypervisorNotFound(pattern);
    const limit = since('2.33') ? limitOf(search) : found.length;
    const marker = since('2.33') ? search.get('marker') : null;
    const at = marker === null ? -1 : found.findIndex((machine) => idOf(machine, context) === marker);
    if (marker !== null && at < 0) throw errors.MarkerNotFound(marker);
    const page = found.slice(at + 1, at + 1 + limit);
    const servers = await uses();
    const withServers = since('2.53') && search.get('with_servers') === 'true';
    return json({
      hypervisors: page.map((machine) => {
        const server = servers.get(machine.uuid);
        return {
          ...(detail ? hypervisorView(machine, parts.host, server !== undefined, context) : brief(machine, context)),
          ...(withServers || (since('2.75') && detail)
            ? { servers: server ? [{ uuid: server.id, name: server.name }] : [] }
            : {}),
        };
      }),
    });
  }

  return {
    hypervisors: (request: Request) => list(request, false),
    hypervisorsDetail: (request: Request) => list(request, true),

    async hypervisor({ params, context }: Request) {
      const id = params.hypervisor ?? '';
      const machine = (await parts.machines.list()).find((one) => String(idOf(one, context)) === id || one.uuid === id);
      if (!machine) throw errors.HypervisorNotFound(id);
      const server = (await uses()).get(machine.uuid);
      return json({ hypervisor: hypervisorView(machine, parts.host, server !== undefined, context) });
    },

    /** Until 2.52: the nodes whose name holds a text, and what runs on them. */
    async search({ params, context }: Request, withServers: boolean) {
      const pattern = params.hypervisor ?? '';
      const found = (await parts.machines.list()).filter(({ uuid }) => uuid.includes(pattern));
      if (found.length === 0) throw errors.HypervisorNotFound(pattern);
      const servers = await uses();
      return json({
        hypervisors: found.map((machine) => {
          const server = servers.get(machine.uuid);
          const listed = withServers && server ? { servers: [{ uuid: server.id, name: server.name }] } : {};
          return { ...brief(machine, context), ...listed };
        }),
      });
    },

    /** Bare metal has no hypervisor that could have been up for a time. */
    uptime(): never {
      throw errors.NotOffered('The uptime of a hypervisor');
    },

    async statistics() {
      const machines = await parts.machines.list();
      const used = await uses();
      const sum = (read: (machine: Machine) => number, of = machines) => of.reduce((all, one) => all + read(one), 0);
      const taken = machines.filter(({ uuid }) => used.has(uuid));
      const memory = [sum((one) => one.memoryMb), sum((one) => one.memoryMb, taken)] as const;
      const disk = [sum((one) => one.localGb), sum((one) => one.localGb, taken)] as const;
      return json({
        hypervisor_statistics: {
          count: machines.length,
          vcpus: sum((one) => one.cpus),
          vcpus_used: sum((one) => one.cpus, taken),
          memory_mb: memory[0],
          memory_mb_used: memory[1],
          free_ram_mb: memory[0] - memory[1],
          local_gb: disk[0],
          local_gb_used: disk[1],
          free_disk_gb: disk[0] - disk[1],
          disk_available_least: disk[0] - disk[1],
          running_vms: taken.length,
          current_workload: 0,
        },
      });
    },

    services({ context, search }: Request) {
      const wanted = search.get('binary');
      const host = search.get('host');
      const all = ['nova-conductor', 'nova-scheduler', 'nova-compute'];
      const shown = all.filter(
        (name) => (wanted === null || wanted === name) && (host === null || host === parts.host),
      );
      return json({
        services: shown.map((binary, index) => ({
          id: atLeast(context.microversion, '2.53') ? uuidOf(`${parts.host}/${binary}`) : index + 1,
          binary,
          host: parts.host,
          zone: binary === 'nova-compute' ? zoneName : 'internal',
          status: 'enabled',
          state: 'up',
          updated_at: microseconds(startedAt),
          disabled_reason: null,
          ...(atLeast(context.microversion, '2.11') ? { forced_down: false } : {}),
        })),
      });
    },

    zones: () => json({ availabilityZoneInfo: [{ zoneName, zoneState: { available: true }, hosts: null }] }),

    zonesDetail: () =>
      json({
        availabilityZoneInfo: [
          {
            zoneName,
            zoneState: { available: true },
            hosts: {
              [parts.host]: { 'nova-compute': { available: true, active: true, updated_at: microseconds(startedAt) } },
            },
          },
        ],
      }),
  };
}

/** 2.53: a UUID. Before that a number, which stands for the node as long as the node is there. */
function idOf(machine: Machine, { microversion }: RequestContext): string | number {
  if (atLeast(microversion, '2.53')) return machine.uuid;
  return createHash('sha256').update(machine.uuid).digest().readUInt32BE(0) >>> 1;
}

function brief(machine: Machine, context: RequestContext): Record<string, unknown> {
  return {
    id: idOf(machine, context),
    hypervisor_hostname: machine.uuid,
    state: machine.maintenance ? 'down' : 'up',
    status: machine.maintenance ? 'disabled' : 'enabled',
  };
}

function hypervisorView(
  machine: Machine,
  host: string,
  used: boolean,
  context: RequestContext,
): Record<string, unknown> {
  const since = (version: string) => atLeast(context.microversion, version);
  const resources = {
    vcpus: machine.cpus,
    vcpus_used: used ? machine.cpus : 0,
    memory_mb: machine.memoryMb,
    memory_mb_used: used ? machine.memoryMb : 0,
    free_ram_mb: used ? 0 : machine.memoryMb,
    local_gb: machine.localGb,
    local_gb_used: used ? machine.localGb : 0,
    free_disk_gb: used ? 0 : machine.localGb,
    disk_available_least: used ? 0 : machine.localGb,
    running_vms: used ? 1 : 0,
    current_workload: 0,
    cpu_info: since('2.28') ? {} : '',
  };
  return {
    ...brief(machine, context),
    hypervisor_type: 'ironic',
    hypervisor_version: 1,
    host_ip: '127.0.0.1',
    // 2.88 took these away: placement has them.
    ...(since('2.88') ? { uptime: null } : resources),
    service: { id: since('2.53') ? uuidOf(`${host}/nova-compute`) : 3, host, disabled_reason: null },
  };
}

/** A UUID that is always the same for a text. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
