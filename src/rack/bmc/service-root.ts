// Redfish's service root, and what a client may read before it logs in.
import type { Bmc } from './bmc.ts';
import { bmcPath, chassis, collection, link, resource, root, system } from './resources.ts';
import { type Answer, ok } from './router.ts';

export const versions = (): Answer => ok({ v1: `${root}/` });

/** The OData service document (DSP0266 clause 9.4). */
export function odata(): Answer {
  const names = [
    'Systems',
    'Chassis',
    'Managers',
    'SessionService',
    'AccountService',
    'EventService',
    'TaskService',
    'UpdateService',
    'Registries',
  ];
  return ok({
    '@odata.context': `${root}/$metadata`,
    value: [
      { name: 'Service', kind: 'Singleton', url: `${root}/` },
      ...names.map((name) => ({ name, kind: 'Singleton', url: `${root}/${name}` })),
    ],
  });
}

export function serviceRoot(bmc: Bmc): Answer {
  return ok({
    ...resource(root, 'ServiceRoot.v1_9_0.ServiceRoot', 'RootService', 'Root Service'),
    RedfishVersion: '1.11.0',
    UUID: bmc.spec.uuid,
    Vendor: 'Undercloud',
    Product: 'Virtual rack',
    ProtocolFeaturesSupported: {
      ExpandQuery: { ExpandAll: false, Levels: false, Links: false, NoLinks: false },
      FilterQuery: false,
      OnlyMemberQuery: false,
      SelectQuery: false,
      ExcerptQuery: false,
    },
    Systems: link(`${root}/Systems`),
    Chassis: link(`${root}/Chassis`),
    Managers: link(`${root}/Managers`),
    SessionService: link(`${root}/SessionService`),
    AccountService: link(`${root}/AccountService`),
    EventService: link(`${root}/EventService`),
    Tasks: link(`${root}/TaskService`),
    UpdateService: link(`${root}/UpdateService`),
    Registries: link(`${root}/Registries`),
    Links: { Sessions: link(`${root}/SessionService/Sessions`) },
  });
}

export const systems = (): Answer => ok(collection(`${root}/Systems`, 'ComputerSystemCollection', 'Systems', [system]));
export const chassisList = (): Answer => ok(collection(`${root}/Chassis`, 'ChassisCollection', 'Chassis', [chassis]));
export const managers = (): Answer => ok(collection(`${root}/Managers`, 'ManagerCollection', 'Managers', [bmcPath]));
