// Reads Ironic's capabilities: boot mode, kind of partition table and the like, of an instance or its node.
import { OperationFailed } from '../../operations/index.ts';
import type { NodeRow } from '../store.ts';

/**
 * The instance's capability, else as the machine was set or found to start, else the node's capability, which inspections write too. Undefined:
 * as its ramdisk is started.
 */
export function bootModeFor(node: NodeRow): 'bios' | 'uefi' | undefined {
  const modes = [
    capabilities(node.instance_info.capabilities).get('boot_mode'),
    node.boot_mode,
    capabilities(node.properties.capabilities).get('boot_mode'),
  ];
  return modes.find((mode) => mode === 'bios' || mode === 'uefi');
}

/** What is asked of the instance, else told of the node. Throws OperationFailed for JSON that is none. */
export function capability({ instance_info: asked, properties: told }: NodeRow, name: string): string | undefined {
  return capabilities(asked.capabilities).get(name) ?? capabilities(told.capabilities).get(name);
}

/** An object, its JSON, or `name:value,name:value`. */
function capabilities(value: unknown): ReadonlyMap<string, string> {
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([name, one]) => [name, String(one)]));
  }
  if (typeof value !== 'string') return new Map();
  if (value.trim().startsWith('{')) {
    try {
      return capabilities(JSON.parse(value));
    } catch (cause) {
      throw new OperationFailed(
        `The capabilities ${value} are no JSON.`,
        'Correct them in instance_info or properties.',
        { cause },
      );
    }
  }
  return new Map(
    value.split(',').flatMap((entry): [string, string][] => {
      const [name = '', ...rest] = entry.split(':');
      return name.trim() === '' ? [] : [[name.trim(), rest.join(':').trim()]];
    }),
  );
}
