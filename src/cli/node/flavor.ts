// A flavor for every resource class that machines of an import have, so that servers can be asked for at once.
import { ApiFailure, type Client } from '../client/index.ts';

/**
 * Makes the flavor named like the resource class unless there is one: it takes one whole machine of the class
 * (`resources:CUSTOM_CLASS=1`) and asks for nothing else. Returns whether it was made.
 */
export async function ensureFlavor(client: Client, resourceClass: string): Promise<boolean> {
  const { flavors } = await client.get('compute', '/flavors');
  if (flavors.some((flavor: { name: string }) => flavor.name === resourceClass)) return false;
  const custom = `CUSTOM_${resourceClass.toUpperCase().replace(/[^A-Z0-9_]/g, '_')}`;
  try {
    // RAM, VCPUs and disk are required by the API; the extra specs take them out of the request.
    const { flavor } = await client.post('compute', '/flavors', {
      flavor: { name: resourceClass, ram: 1, vcpus: 1, disk: 0 },
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
