// Reads files that describe machines: `openstack baremetal create` format, and TripleO's instackenv.json.
import { parse } from 'yaml';
import { readTextFile } from '../text-file.ts';
import { UsageError } from '../usage-error.ts';

export interface NodeEntry {
  /** Body of POST /v1/nodes. */
  readonly node: Readonly<Record<string, unknown>>;
  /** MAC addresses of its ports, with what else the file says of them. */
  readonly ports: readonly Readonly<Record<string, unknown>>[];
}

type Tree = Readonly<Record<string, unknown>>;

/** Parses JSON or YAML. Throws UsageError naming the entry and the field. */
export function readNodesFile(file: string): NodeEntry[] {
  return parseNodes(readTextFile(file, 'the file of machines'), file);
}

export function parseNodes(text: string, file: string): NodeEntry[] {
  let tree: unknown;
  try {
    tree = parse(text);
  } catch (error) {
    throw new UsageError(`${file} is neither JSON nor YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  const list = isTree(tree) ? tree.nodes : undefined;
  if (!Array.isArray(list) || list.length === 0) throw new UsageError(`${file}: "nodes" must be a list of machines`);
  const entries = list.map((item, index) => {
    const where = `${file}: nodes[${index}]${isTree(item) && typeof item.name === 'string' ? ` (${item.name})` : ''}`;
    if (!isTree(item)) throw new UsageError(`${where} must be a mapping`);
    return 'pm_type' in item ? fromInstackenv(item, where) : fromBaremetalCreate(item, where);
  });
  refuseTwice(entries, file);
  return entries;
}

function fromBaremetalCreate(item: Tree, where: string): NodeEntry {
  const { ports = [], portgroups, ...node } = item;
  if (typeof node.driver !== 'string')
    throw new UsageError(`${where}.driver is missing; give the hardware type, for instance redfish`);
  if (portgroups !== undefined)
    throw new UsageError(
      `${where}.portgroups is not imported; create port groups with: openstack baremetal port group create`,
    );
  return { node, ports: portsOf(ports, where) };
}

function portsOf(ports: unknown, where: string): Tree[] {
  if (!Array.isArray(ports)) throw new UsageError(`${where}.ports must be a list`);
  return ports.map((port, index) => {
    if (!isTree(port) || typeof port.address !== 'string')
      throw new UsageError(`${where}.ports[${index}].address is missing; give the MAC address`);
    return port;
  });
}

/** TripleO's format: pm_type, pm_addr, pm_user, pm_password, mac or ports, cpu, memory, disk, arch, capabilities. */
function fromInstackenv(item: Tree, where: string): NodeEntry {
  const type = String(item.pm_type).replace(/^pxe_/, '').replace('ipmitool', 'ipmi');
  const need = (field: string): unknown => {
    if (item[field] === undefined) throw new UsageError(`${where}.${field} is missing`);
    return item[field];
  };
  const driver_info = driverInfo(type, item, need, where);
  const macs: readonly unknown[] = item.mac === undefined ? [] : [item.mac].flat();
  const numbers = { cpus: item.cpu, memory_mb: item.memory, local_gb: item.disk };
  return {
    node: {
      ...(item.name === undefined ? {} : { name: item.name }),
      driver: type,
      driver_info,
      properties: {
        ...Object.fromEntries(
          Object.entries(numbers)
            .filter(([, value]) => value !== undefined)
            .map(([key, value]) => [key, Number(value)]),
        ),
        ...(item.arch === undefined ? {} : { cpu_arch: item.arch }),
        ...(item.capabilities === undefined ? {} : { capabilities: item.capabilities }),
      },
      resource_class: item.resource_class ?? 'baremetal',
    },
    ports: portsOf(item.ports ?? macs.map((address) => ({ address })), where),
  };
}

function driverInfo(type: string, item: Tree, need: (field: string) => unknown, where: string): Tree {
  switch (type) {
    case 'redfish': {
      const address = String(need('pm_addr'));
      return {
        redfish_address: /^https?:/.test(address) ? address : `https://${address}`,
        ...(item.pm_system_id === undefined ? {} : { redfish_system_id: item.pm_system_id }),
        redfish_username: need('pm_user'),
        redfish_password: need('pm_password'),
      };
    }
    case 'ipmi':
      return {
        ipmi_address: need('pm_addr'),
        ipmi_username: need('pm_user'),
        ipmi_password: need('pm_password'),
        ...(item.pm_port === undefined ? {} : { ipmi_port: item.pm_port }),
      };
    case 'fake-hardware':
      return {};
    default:
      throw new UsageError(`${where}.pm_type ${String(item.pm_type)} is not known; use redfish or ipmi`);
  }
}

function refuseTwice(entries: readonly NodeEntry[], file: string): void {
  const seen = new Map<string, number>();
  entries.forEach((entry, index) => {
    for (const port of entry.ports) {
      const mac = String(port.address).toLowerCase();
      const before = seen.get(mac);
      if (before !== undefined)
        throw new UsageError(
          `${file}: MAC address ${mac} stands in nodes[${before}] and in nodes[${index}]; each port has its own`,
        );
      seen.set(mac, index);
    }
  });
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
