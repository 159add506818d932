// What placement can refuse, with the texts that its clients look for.
import { catalogue, fault } from '../openstack/index.ts';

export const errors = catalogue({
  ProviderNotFound: fault(404, (uuid: string) => `No resource provider with uuid ${uuid} found`),
  ProviderToDeleteNotFound: fault(404, (uuid: string) => `No resource provider with uuid ${uuid} found for delete`),
  ProviderInUse: fault(
    409,
    (uuid: string) => `Unable to delete resource provider ${uuid}: Resource provider has allocations.`,
    '',
    'placement.resource_provider.inuse',
  ),
  ProviderHasChildren: fault(
    409,
    (uuid: string) => `Unable to delete parent resource provider ${uuid}: It has child resource providers.`,
    '',
    'placement.resource_provider.cannot_delete_parent',
  ),
  ProviderExists: fault(
    409,
    (duplicate: string) => `Conflicting resource provider ${duplicate} already exists.`,
    '',
    'placement.duplicate_name',
  ),
  GenerationConflict: fault(409, (text: string) => text, '', 'placement.concurrent_update'),
  InventoryInUse: fault(
    409,
    (classes: string, uuid: string) => `Inventory for '${classes}' on resource provider '${uuid}' in use.`,
    '',
    'placement.inventory.inuse',
  ),
  UnknownTrait: fault(400, (names: string) => `No such trait(s): ${names}.`),
  UnknownResourceClass: fault(
    400,
    (name: string) => `Unknown resource class in inventory: No such resource class ${name}.`,
  ),
});
