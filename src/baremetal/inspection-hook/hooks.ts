// All inspection hooks, the choice of them, and their run over a report.

import { raidDevice, rootDevice } from './disks.ts';
import type { Hook, HookOptions, Inspected, PortDraft } from './hook.ts';
import { physicalNetwork, ports, validateInterfaces } from './interfaces.ts';
import { accelerators, pciDevices } from './pci.ts';
import {
  architecture,
  bootMode,
  cpuCapabilities,
  extraHardware,
  memory,
  processors,
  ramdiskError,
  systemVendor,
} from './properties.ts';
import type { Report } from './report.ts';
import { localLinkConnection, parseLldp } from './switch-links.ts';

/** Those that run unless the configuration says otherwise, in this order. */
const usual: readonly Hook[] = [
  ramdiskError,
  validateInterfaces,
  ports,
  architecture,
  processors,
  memory,
  rootDevice,
  systemVendor,
  localLinkConnection,
];

export const hooks: readonly Hook[] = [
  ...usual,
  parseLldp,
  bootMode,
  cpuCapabilities,
  pciDevices,
  accelerators,
  physicalNetwork,
  raidDevice,
  extraHardware,
];

export const usualHooks: readonly string[] = usual.map(({ name }) => name);

/** What inspection is to derive, and how. */
export interface InspectionConfig extends HookOptions {
  /** In the order in which they run. */
  readonly hooks: readonly Hook[];
}

export const usualInspection: InspectionConfig = {
  hooks: usual,
  addPorts: 'all',
  keepPorts: 'all',
  cpuCapabilities: {
    vmx: 'cpu_vt',
    svm: 'cpu_vt',
    aes: 'cpu_aes',
    pse: 'cpu_hugepages',
    pdpe1gb: 'cpu_hugepages_1g',
    smx: 'cpu_txt',
  },
  pciAliases: [],
  accelerators: [],
  physicalNetworks: {},
};

/** The hooks of these names. Throws RangeError for one that is not there, stands twice, or stands before one that it needs. */
export function hooksNamed(names: readonly string[]): Hook[] {
  return names.map((name, index) => {
    const before = names.slice(0, index);
    const hook = hooks.find((one) => one.name === name);
    if (!hook)
      throw new RangeError(`there is no hook "${name}"; there are: ${hooks.map((one) => one.name).join(', ')}`);
    if (before.includes(name)) throw new RangeError(`"${name}" stands there twice`);
    const missing = hook.needs?.find((needed) => !before.includes(needed));
    if (missing !== undefined) throw new RangeError(`"${name}" needs "${missing}" before it`);
    return hook;
  });
}

/**
 * What the hooks make of a report about a node with these properties and ports. Throws OperationFailed where a hook ends
 * the inspection.
 */
export function inspected(
  config: InspectionConfig,
  { inventory, ...rest }: Report,
  node: { readonly properties: Readonly<Record<string, unknown>>; readonly ports: readonly PortDraft[] },
): Inspected {
  const draft: Inspected = {
    inventory,
    pluginData: structuredClone(rest),
    properties: structuredClone({ ...node.properties }),
    ports: structuredClone([...node.ports]),
    interfaces: [],
  };
  // They are for reading, not for rules, and may be large.
  delete draft.pluginData.logs;
  for (const hook of config.hooks) hook.run(draft, config);
  return draft;
}
