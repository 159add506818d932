// Hooks that derive properties and capabilities of the node from what the machine is.
import { OperationFailed } from '../../operations/index.ts';
import { type Hook, setCapability, setProperty } from './hook.ts';
import { bootModeOf } from './report.ts';

export const ramdiskError: Hook = {
  name: 'ramdisk-error',
  summary: 'Ends the inspection when the ramdisk reports an error',
  run({ pluginData: { error } }) {
    if (error)
      throw new OperationFailed(
        `Inspection failed on the machine: ${String(error)}.`,
        "The agent's log is on the console.",
      );
  },
};

export const architecture: Hook = {
  name: 'architecture',
  summary: 'Property `cpu_arch`',
  run(inspected) {
    const { architecture: found } = inspected.inventory.cpu;
    if (found) setProperty(inspected, 'cpu_arch', found);
  },
};

export const processors: Hook = {
  name: 'processors',
  summary: 'Property `cpus`',
  run(inspected) {
    const { count } = inspected.inventory.cpu;
    if (typeof count === 'number') setProperty(inspected, 'cpus', count);
  },
};

export const memory: Hook = {
  name: 'memory',
  summary: 'Property `memory_mb`',
  run(inspected) {
    const { physical_mb: found } = inspected.inventory.memory;
    if (typeof found === 'number') setProperty(inspected, 'memory_mb', found);
  },
};

export const systemVendor: Hook = {
  name: 'system-vendor',
  summary: 'Properties `vendor` and `model`',
  run(inspected) {
    const { manufacturer, product_name: product } = inspected.inventory.system_vendor ?? {};
    if (manufacturer) setProperty(inspected, 'vendor', manufacturer);
    if (product) setProperty(inspected, 'model', product);
  },
};

export const bootMode: Hook = {
  name: 'boot-mode',
  summary: 'Capability `boot_mode`',
  run(inspected) {
    const mode = bootModeOf(inspected);
    if (mode) setCapability(inspected, 'boot_mode', mode);
  },
};

export const cpuCapabilities: Hook = {
  name: 'cpu-capabilities',
  summary: 'A capability for flags of the CPU (`inspection.cpu_capabilities`)',
  run(inspected, { cpuCapabilities: known }) {
    for (const flag of inspected.inventory.cpu.flags ?? []) {
      const capability = Object.hasOwn(known, flag) ? known[flag] : undefined;
      if (capability !== undefined) setCapability(inspected, capability, 'true');
    }
  },
};

export const extraHardware: Hook = {
  name: 'extra-hardware',
  summary: "Plugin data `extra`: what python-hardware's collector has sent as `data`, by its three keys",
  run({ pluginData }) {
    const { data } = pluginData;
    if (!Array.isArray(data)) return;
    const extra: Record<string, Record<string, Record<string, unknown>>> = {};
    for (const entry of data) {
      if (!Array.isArray(entry) || entry.length !== 4) return;
      const [group, item, name] = entry.map(String);
      if (group === undefined || item === undefined || name === undefined) return;
      extra[group] = { ...extra[group], [item]: { ...extra[group]?.[item], [name]: entry[3] } };
    }
    delete pluginData.data;
    pluginData.extra = extra;
  },
};
