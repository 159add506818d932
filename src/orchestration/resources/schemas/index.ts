// All resource types this program knows the schemas of.
import type { ResourceTypeData, ResourceTypeLibrary } from '../../template/index.ts';
import { resourceRules } from '../rules/index.ts';
import { awsTypes } from './aws.data.ts';
import { cinderTypes } from './cinder.data.ts';
import { glanceTypes } from './glance.data.ts';
import { heatTypes } from './heat.data.ts';
import { keystoneTypes } from './keystone.data.ts';
import { neutronTypes } from './neutron.data.ts';
import { novaTypes } from './nova.data.ts';
import { otherTypes } from './other.data.ts';

const types: ReadonlyMap<string, ResourceTypeData> = new Map(
  [heatTypes, novaTypes, neutronTypes, glanceTypes, keystoneTypes, cinderTypes, awsTypes, otherTypes].flatMap((group) =>
    Object.entries(group),
  ),
);

/** The library that templates are expanded against; old names lead to new ones. */
export const resourceTypes: ResourceTypeLibrary = {
  get: (name) => types.get(name),
  names: () => types.keys(),
  rules: (name) => resourceRules.get(name),
  mappings: [
    ['OS::Quantum*', 'OS::Neutron*'],
    ['OS::Metering::Alarm', 'OS::Aodh::Alarm'],
  ],
};
