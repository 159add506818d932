// A flavor for every resource class that machines of an import have, so that servers can be asked for at once.
import { ApiFailure, type Client } from '../client/index.ts';

/**
 * Makes the flavor named like the resource class unless there is one: it takes one whole machine of the class
 * (`resources:CUSTOM_CLASS=1`) and asks for nothing else. It states the memory and processors of the smallest machine
 * of the class, because an image's `min_ram` is compared with them. Returns whether it was made.
 */
export async function ensureFlavor(client: Client, resourceClass: string): Promise<boolean> {
  const { flavors } = await client.get('compute', '/flavors');
  if (flavors.some((flavor: { name: string }) => flavor.name === resourceClass)) return false;
  const custom = `CUSTOM_${resourceClass.toUpperCase().replace(/[^A-Z0-9_]/g, '_')}`;
  const nodes = await client.pages(
    'baremetal',
    `/v1/nodes?fields=uuid,properties&resource_class=${encodeURIComponent(resourceClass)}`,
    'nodes',
  );
  const least = (property: string) => leastOf(nodes.map((node) => Number(node.properties?.[property])));
  try {
    // RAM, VCPUs and disk say what the machines have; the extra specs take them out of the request, for a machine is taken whole.
    const { flavor } = await client.post('compute', '/flavors', {
      flavor: { name: resourceClass, ram: least('memory_mb'), vcpus: least('cpus'), disk: 0 },
    });
    await client.post('compute', `/flavors/${flavor.id}/os-extra_specs`, {
      extra_specs: {
        [`resources:${custom}`]: '1',
        'resources:VCPU': '0',
        'resources:MEMORY_MB': '0',
        'resources:DISK_GB': '0',
      },
    });
    return true;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 409) return false; // somebody else was faster
    throw error;
  }
}

/** Smallest of the numbers that are known; 1, the least that the API takes, when none is. */
function leastOf(numbers: readonly number[]): number {
  const known = numbers.filter((one) => Number.isInteger(one) && one > 0);
  return known.length === 0 ? 1 : Math.min(...known);
}
