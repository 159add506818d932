// What an inspection hook is: one thing that is derived from what was found in a machine.
import { withCapabilities } from '../document/capabilities.ts';
import type { Interface, Report } from './report.ts';

/** A port of the node, known before or to be made. */
export interface PortDraft {
  /** Lower case with colons. */
  readonly address: string;
  readonly isNew: boolean;
  local_link_connection: Readonly<Record<string, unknown>>;
  physical_network: string | null;
}

/** What hooks read, and what they write into. */
export interface Inspected {
  readonly inventory: Report['inventory'];
  /** What was reported beside the inventory. Hooks add what rules and people may want to read. */
  readonly pluginData: Record<string, unknown>;
  /** Of the node. */
  readonly properties: Record<string, unknown>;
  ports: PortDraft[];
  /** Interfaces with a name and a MAC address, as `validate-interfaces` has them. */
  interfaces: readonly NamedInterface[];
}

export interface NamedInterface extends Interface {
  readonly name: string;
  /** The machine has started from it. */
  readonly pxe_enabled: boolean;
}

export interface HookOptions {
  /** Which interfaces get a port: all, those with an address, the one started from, none. */
  readonly addPorts: 'all' | 'active' | 'pxe' | 'disabled';
  /** Which ports stay: all, those of interfaces that are there, those that `addPorts` would add. */
  readonly keepPorts: 'all' | 'present' | 'added';
  /** Flag of the CPU -> capability. */
  readonly cpuCapabilities: Readonly<Record<string, string>>;
  /** PCI devices that become a capability, which says how many there are. */
  readonly pciAliases: readonly PciKind[];
  readonly accelerators: readonly Accelerator[];
  /** CIDR -> physical network of the ports that have an address there. */
  readonly physicalNetworks: Readonly<Record<string, string>>;
}

/** Identifiers are hexadecimal without a prefix. */
export interface PciKind {
  readonly vendor_id: string;
  readonly product_id: string;
  readonly name: string;
}

export interface Accelerator {
  readonly vendor_id: string;
  readonly device_id: string;
  /** `GPU`, `FPGA` ... */
  readonly type: string;
  readonly device_info: string;
}

export interface Hook {
  readonly name: string;
  /** For the reference. */
  readonly summary: string;
  /** Hooks that must run before it. */
  readonly needs?: readonly string[];
  readonly run: (inspected: Inspected, options: HookOptions) => void;
}

/** Sets a property of the node, which rules see among the plugin data too. */
export function setProperty({ properties, pluginData }: Inspected, name: string, value: unknown): void {
  properties[name] = value;
  pluginData[name] = value;
}

export function setCapability({ properties }: Inspected, name: string, value: string): void {
  properties.capabilities = withCapabilities(properties.capabilities, (known) => known.set(name, value));
}
