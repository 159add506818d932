// What an inspection has found, in the form that Ironic Inspector's clients read.
import { elementsOf, parsedLldp } from '../inspection-hook/lldp.ts';
import { reportOf } from '../inspection-hook/report.ts';
import type { JsonObject } from '../store.ts';

interface Kept {
  readonly inventory: JsonObject;
  readonly plugin_data: JsonObject;
  readonly report: JsonObject | null;
}

/** The inventory, what hooks and rules have made beside it, and the interfaces with what their switches say. */
export function processedData({ inventory, plugin_data: pluginData }: Kept): JsonObject {
  const { interfaces } = reportOf({ inventory }).inventory;
  const all = interfaces.map(({ name, lldp, ...one }, index) => {
    const told = {
      mac: one.mac_address.toLowerCase(),
      ip: one.ipv4_address ?? one.ipv6_address ?? null,
      ...(lldp ? { lldp_processed: parsedLldp(elementsOf(lldp)) } : {}),
    };
    return [name ?? `NIC ${index + 1}`, told] as const;
  });
  const valid = Object(pluginData.valid_interfaces);
  return {
    ...pluginData,
    inventory,
    all_interfaces: Object.fromEntries(all),
    interfaces: Object.fromEntries(all.filter(([name]) => Object.hasOwn(valid, name))),
  };
}

/** What was reported, before anything was derived. */
export function unprocessedData({ inventory, report }: Kept): JsonObject {
  return report ?? { inventory };
}
