// Finds the Redfish resources of one machine: its system, its manager's virtual CD drive.
import { HardwareError } from '../contract.ts';
import type { RedfishAddress } from './address.ts';
import type { RedfishClient } from './client.ts';
import { quirksOf } from './quirks.ts';
import { lastSegment, member, type Resource, references, resource, textOf, textsOf } from './resource.ts';

export interface SystemAccess {
  readonly client: RedfishClient;
  path(): Promise<string>;
  read(): Promise<Resource>;
  /** Path of the manager of the system: the BMC. Throws `unsupported` where the service shows none. */
  manager(): Promise<string>;
  /** Paths of the chassis that the system stands in. */
  chassis(): Promise<readonly string[]>;
  /** Path of the virtual drive that takes a CD. Throws `unsupported` when there is none. */
  cdDrive(): Promise<string>;
}

/** Access to the system that driver_info names, or to the only one there is. */
export function accessSystem(client: RedfishClient, address: RedfishAddress): SystemAccess {
  let systemPath = address.systemPath;
  let drivePath: string | undefined;
  let chassisPaths: readonly string[] | undefined;

  async function path(): Promise<string> {
    if (systemPath !== undefined) return systemPath;
    const systems = references(await client.get('/redfish/v1/Systems'));
    const [only] = systems;
    if (only === undefined || systems.length > 1) {
      throw new HardwareError(
        'misconfigured',
        `The BMC at ${address.origin} has ${systems.length} systems (${systems.join(', ')}), so redfish_system_id must name one.`,
      );
    }
    systemPath = only;
    return only;
  }

  async function read(): Promise<Resource> {
    return client.get(await path());
  }

  async function manager(): Promise<string> {
    const [first] = references(member(await read(), 'Links').ManagedBy);
    if (first === undefined) throw new HardwareError('unsupported', 'This service shows no manager of the system.');
    return first;
  }

  async function chassis(): Promise<readonly string[]> {
    chassisPaths ??= references(member(await read(), 'Links').Chassis);
    return chassisPaths;
  }

  /** Newer services hang virtual media below the system, older ones below its manager. */
  async function cdDrive(): Promise<string> {
    if (drivePath !== undefined) return drivePath;
    const system = await read();
    const { drive: idStart } = quirksOf(system);
    const collections = [textOf(member(system, 'VirtualMedia'), '@odata.id')];
    for (const manager of references(member(system, 'Links').ManagedBy)) {
      collections.push(textOf(member(await client.get(manager), 'VirtualMedia'), '@odata.id'));
    }
    for (const collection of collections) {
      if (collection === null) continue;
      for (const drive of references(await client.get(collection))) {
        if (!lastSegment(drive).startsWith(idStart)) continue;
        const types = textsOf(await client.get(drive), 'MediaTypes');
        if (types.some((type) => type === 'CD' || type === 'DVD')) {
          drivePath = drive;
          return drive;
        }
      }
    }
    throw new HardwareError('unsupported', `The BMC at ${address.origin} offers no virtual CD drive.`, {
      hint: 'Use boot_interface ipxe for this node.',
    });
  }

  return { client, path, read, manager, chassis, cdDrive };
}

/** Where an action is posted to and what it says about a parameter's values; the default target follows DSP0266, 7.5.4. */
export function action(
  of: Resource,
  name: string,
  parameter: string,
  path: string,
): { target: string; values: string[] } {
  const described = resource(resource(of.Actions)[`#${name}`]);
  return {
    target: textOf(described, 'target') ?? `${path}/Actions/${name}`,
    values: textsOf(described, `${parameter}@Redfish.AllowableValues`),
  };
}
