// What placement can refuse, with the texts that its clients look for.
import { ApiError, catalogue, fault } from '../openstack/index.ts';

const concurrent = 'placement.concurrent_update';
const retry = 'Another thread concurrently updated the resource provider data. Please retry your update';

const table = catalogue({
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
  CannotCreateProvider: fault(
    400,
    (name: string, uuid: string, reason: string) =>
      `Unable to create resource provider "${name}", ${uuid}: Object action create failed because: ${reason}`,
  ),
  CannotUpdateProvider: fault(
    400,
    (uuid: string, reason: string) => `Unable to save resource provider ${uuid}: Object action ${reason}`,
  ),
  ProviderOfAllocationsNotFound: fault(
    404,
    (uuid: string) => `Resource provider '${uuid}' not found: No resource provider with uuid ${uuid} found`,
  ),
  /** The request states a generation that the provider had before. */
  GenerationMoved: fault(
    409,
    () => "Resource provider's generation already changed. Please update the generation and try again.",
    '',
    concurrent,
  ),
  InventoryGenerationMoved: fault(409, () => 'resource provider generation conflict', '', concurrent),
  ReshapeGenerationMoved: fault(
    409,
    (uuid: string, actual: number, given: number) =>
      `resource provider generation conflict for provider ${uuid}: actual: ${actual}, given: ${given}`,
    '',
    concurrent,
  ),
  ReshapeProviderNotFound: fault(
    400,
    (uuid: string) =>
      `Resource provider ${uuid} in inventories not found: No resource provider with uuid ${uuid} found`,
    '',
    'placement.resource_provider.not_found',
  ),
  MalformedReshape: fault(400, (name: string) => `malformed reshaper data: No such resource class ${name}.`),
  InventoryExists: fault(
    409,
    (name: string, uuid: string) =>
      `Update conflict: inventory of class ${name} on resource provider ${uuid} already exists.`,
    '',
    concurrent,
  ),
  InventoryInUse: fault(
    409,
    (classes: string, uuid: string) => `Inventory for '${classes}' on resource provider '${uuid}' in use.`,
    '',
    'placement.inventory.inuse',
  ),
  InventoryUpdateInUse: fault(
    409,
    (classes: string, uuid: string) =>
      `update conflict: Inventory for '${classes}' on resource provider '${uuid}' in use.`,
    '',
    'placement.inventory.inuse',
  ),
  InventoryToDeleteInUse: fault(
    409,
    (name: string, uuid: string) =>
      `Unable to delete inventory of class ${name}: Inventory for '${name}' on resource provider '${uuid}' in use.`,
    '',
    concurrent,
  ),
  InventoryToDeleteNotFound: fault(
    404,
    (name: string) => `No inventory of class ${name} found for delete: No inventory of class ${name} found for delete`,
  ),
  InventoryNotFound: fault(404, (name: string, uuid: string) => `No inventory of class ${name} for ${uuid}`),
  InventoryToUpdateNotFound: fault(
    400,
    (name: string, uuid: string) =>
      `No inventory record with resource class for resource provider ${uuid}: No inventory of class ${name} found.`,
  ),
  BadInventory: fault(
    400,
    (action: 'create' | 'update', uuid: string, reason: string) =>
      `Unable to ${action} inventory for resource provider ${uuid}: ${reason}`,
  ),
  UnknownClassInInventory: fault(
    400,
    (uuid: string, name: string) =>
      `Unknown resource class in inventory for resource provider ${uuid}: No such resource class ${name}.`,
  ),
  UnknownTrait: fault(400, (names: string) => `No such trait(s): ${names}.`),
  UnknownTraitToSet: fault(400, (names: string) => `No such trait ${names}`),
  UnknownResourceClass: fault(
    400,
    (name: string) => `Unknown resource class in inventory: No such resource class ${name}.`,
  ),
  UnknownClassInQuery: fault(
    400,
    (name: string) => `Invalid resource class in resources parameter: No such resource class ${name}.`,
  ),
  TraitNotFound: fault(404, (name: string) => `No such trait(s): ${name}.`),
  BadTrait: fault(
    400,
    () =>
      'The trait is invalid. A valid trait must be no longer than 255 characters, start with the prefix "CUSTOM_" and use following characters: "A"-"Z", "0"-"9" and "_"',
  ),
  StandardTrait: fault(400, (name: string) => `Cannot delete standard trait ${name}.`),
  TraitInUse: fault(409, (name: string) => `The trait ${name} is in use by a resource provider.`),
  BadTraitFilter: fault(
    400,
    (given: string) =>
      `Badly formatted name parameter. Expected name query string parameter in form: ?name=[in|startswith]:[name1,name2|prefix]. Got: "${given}"`,
  ),
  BadAssociated: fault(400, () => 'The query parameter "associated" only accepts "true" or "false"'),
  ClassNotFound: fault(404, (name: string) => `No such resource class ${name}.`),
  ClassExists: fault(409, (name: string) => `Conflicting resource class already exists: ${name}`),
  ClassNameTaken: fault(409, (name: string) => `Resource class already exists: ${name}`),
  StandardClassKept: fault(400, (name: string) => `Cannot update standard resource class ${name}`),
  StandardClass: fault(
    400,
    (name: string) => `Error in delete resource class: Cannot delete standard resource class ${name}.`,
  ),
  ClassInUse: fault(
    409,
    (name: string) =>
      `Error in delete resource class: Cannot delete resource class ${name}. Class is in use in inventory.`,
  ),
  BadConsumer: fault(400, (uuid: string) => `Malformed consumer_uuid: ${uuid}`),
  NoAllocations: fault(404, (uuid: string) => `No allocations for consumer '${uuid}'`),
  ConsumerGenerationMoved: fault(
    409,
    (expected: number | null, got: number | null) =>
      `consumer generation conflict - expected ${expected ?? 'null'} but got ${got ?? 'None'}`,
    '',
    concurrent,
  ),
  AllocationWithoutProvider: fault(
    400,
    (uuid: string) => `Allocation for resource provider '${uuid}' that does not exist.`,
  ),
  AllocationOfUnknownClass: fault(
    400,
    (where: string, name: string) => `Unable to allocate inventory${where} No such resource class ${name}.`,
  ),
  CannotAllocate: fault(409, (reason: string) => `Unable to allocate inventory: ${reason}`),
  Concurrent: fault(409, (action: string) => `${action}: ${retry}`, '', concurrent),
});

/** A parameter of a query with its own code, which clients tell apart. */
function badQuery(message: string, code: string): ApiError {
  return new ApiError('BadQuery', 400, message, '', code);
}

export const errors = { ...table, BadQuery: badQuery };
