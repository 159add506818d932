// The BIOS settings a machine of the rack offers: names, types and bounds, as its attribute registry would list them.

export type BiosAttribute =
  | {
      readonly type: 'Enumeration';
      readonly values: readonly string[];
      readonly initial: string;
      readonly label: string;
    }
  | {
      readonly type: 'Integer';
      readonly least: number;
      readonly most: number;
      readonly initial: number;
      readonly label: string;
    }
  | { readonly type: 'Boolean'; readonly initial: boolean; readonly label: string }
  | { readonly type: 'String'; readonly longest: number; readonly initial: string; readonly label: string };

const onOff = ['Enabled', 'Disabled'] as const;

export const biosAttributes: Readonly<Record<string, BiosAttribute>> = {
  ProcHyperthreading: { type: 'Enumeration', values: onOff, initial: 'Enabled', label: 'Hyper-threading' },
  ProcVirtualization: { type: 'Enumeration', values: onOff, initial: 'Enabled', label: 'Processor virtualization' },
  SriovGlobalEnable: { type: 'Enumeration', values: onOff, initial: 'Disabled', label: 'SR-IOV' },
  WorkloadProfile: {
    type: 'Enumeration',
    values: ['Balanced', 'Performance', 'PowerSaving', 'LowLatency'],
    initial: 'Balanced',
    label: 'Workload profile',
  },
  NumaNodesPerSocket: { type: 'Integer', least: 1, most: 4, initial: 1, label: 'NUMA nodes per socket' },
  BootRetry: { type: 'Boolean', initial: true, label: 'Try the boot order again when no device boots' },
  ServiceContact: { type: 'String', longest: 64, initial: '', label: 'Service contact' },
};

/** All attributes at their initial values. */
export function biosDefaults(): Record<string, string | number | boolean> {
  return Object.fromEntries(Object.entries(biosAttributes).map(([name, attribute]) => [name, attribute.initial]));
}

/** What is wrong with a value for an attribute: its type, its bounds, or nothing. */
export function biosValueFault(attribute: BiosAttribute, value: unknown): 'type' | 'value' | undefined {
  switch (attribute.type) {
    case 'Enumeration':
      if (typeof value !== 'string') return 'type';
      return attribute.values.includes(value) ? undefined : 'value';
    case 'Integer':
      if (typeof value !== 'number' || !Number.isInteger(value)) return 'type';
      return value >= attribute.least && value <= attribute.most ? undefined : 'value';
    case 'Boolean':
      return typeof value === 'boolean' ? undefined : 'type';
    case 'String':
      if (typeof value !== 'string') return 'type';
      return value.length <= attribute.longest ? undefined : 'value';
    default:
      return attribute satisfies never;
  }
}
