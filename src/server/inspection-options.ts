// What an operator may set of inspection: what it derives, and rules that belong to the installation.
import { type Static, Type } from '@sinclair/typebox';
import { type BaremetalConfig, inspectionHooks, usualInspection } from '../baremetal/index.ts';
import { StartError } from './errors.ts';

const strict = { additionalProperties: false } as const;
const hexadecimal = Type.String({ pattern: '^[0-9a-fA-F]{4}$' });

export const inspectionSchema = Type.Object(
  {
    hooks: Type.Array(Type.String(), {
      description: 'What is derived from what is found, in this order: see [inspection hooks](inspection-hooks.md)',
    }),
    add_ports: Type.Union(
      [Type.Literal('all'), Type.Literal('active'), Type.Literal('pxe'), Type.Literal('disabled')],
      { description: 'NICs that get a port: all, those with an address, the one started from, none' },
    ),
    keep_ports: Type.Union([Type.Literal('all'), Type.Literal('present'), Type.Literal('added')], {
      description: 'Ports that stay: all, those of NICs that are there, those that `add_ports` would add',
    }),
    cpu_capabilities: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description:
          'Flag of the CPU -> capability; default: vmx and svm cpu_vt, aes cpu_aes, pse cpu_hugepages, pdpe1gb cpu_hugepages_1g, smx cpu_txt',
      }),
    ),
    pci_aliases: Type.Array(
      Type.Object({ vendor_id: hexadecimal, product_id: hexadecimal, name: Type.String({ minLength: 1 }) }, strict),
      { description: 'PCI devices that become a capability: `vendor_id`, `product_id`, `name`' },
    ),
    accelerators: Type.Array(
      Type.Object(
        { vendor_id: hexadecimal, device_id: hexadecimal, type: Type.String(), device_info: Type.String() },
        strict,
      ),
      { description: 'PCI devices that are accelerators: `vendor_id`, `device_id`, `type`, `device_info`' },
    ),
    physical_networks: Type.Record(Type.String({ pattern: '^[0-9a-fA-F.:]+/[0-9]+$' }), Type.String({ minLength: 1 }), {
      description: 'CIDR -> physical network of ports with an address there',
    }),
    built_in_rules: Type.Optional(
      Type.String({ description: 'YAML file of inspection rules besides those of the API' }),
    ),
  },
  strict,
);
type Inspection = Static<typeof inspectionSchema>;

export const inspectionDefaults: Inspection = {
  hooks: usualInspection.hooks.map(({ name }) => name),
  add_ports: usualInspection.addPorts,
  keep_ports: usualInspection.keepPorts,
  pci_aliases: [],
  accelerators: [],
  physical_networks: {},
};

/** Throws StartError for hooks that are not there or lack another one. */
export function inspectionOptions(inspection: Inspection): BaremetalConfig['inspection'] {
  const { add_ports, keep_ports, cpu_capabilities, pci_aliases, accelerators, physical_networks } = inspection;
  return {
    hooks: hooksOf(inspection.hooks),
    addPorts: add_ports,
    keepPorts: keep_ports,
    cpuCapabilities: cpu_capabilities ?? usualInspection.cpuCapabilities,
    pciAliases: pci_aliases,
    accelerators,
    physicalNetworks: physical_networks,
  };
}

function hooksOf(names: readonly string[]): BaremetalConfig['inspection']['hooks'] {
  try {
    return inspectionHooks(names);
  } catch (cause) {
    throw new StartError(`inspection.hooks: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
