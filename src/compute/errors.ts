// The errors of the compute service.
import { catalogue, fault } from '../openstack/index.ts';

export const errors = catalogue({
  Invalid: fault(400, (why: string) => why),
  FlavorNotFound: fault(404, (id: string) => `Flavor ${id} could not be found.`, 'List them: openstack flavor list.'),
  FlavorUnusable: fault(400, (id: string) => `Flavor ${id} could not be found.`, 'List them: openstack flavor list.'),
  FlavorExists: fault(409, (what: string) => `Flavor with ${what} already exists.`),
  FlavorInvalid: fault(400, (why: string) => why),
  ExtraSpecNotFound: fault(
    404,
    (flavor: string, key: string) => `Flavor ${flavor} has no extra specs with key ${key}.`,
  ),
  FlavorPublic: fault(409, (id: string) => `Can not add access to a public flavor: ${id}.`),
  FlavorAccessPublic: fault(404, () => 'Access list not available for public flavors.'),
  FlavorAccessExists: fault(
    409,
    (flavor: string, project: string) =>
      `Flavor access already exists for flavor ${flavor} and project ${project} combination.`,
  ),
  FlavorAccessNotFound: fault(
    404,
    (flavor: string, project: string) => `Flavor access not found for ${flavor} / ${project} combination.`,
  ),
  KeypairNotFound: fault(404, (name: string) => `Keypair ${name} not found`, 'List them: openstack keypair list.'),
  KeypairUnknown: fault(400, () => 'Invalid key_name provided.', 'List them: openstack keypair list.'),
  KeypairExists: fault(409, (name: string) => `Key pair '${name}' already exists.`),
  KeypairInvalid: fault(400, (why: string) => `Keypair data is invalid: ${why}`),
  ServerNotFound: fault(404, (id: string) => `Instance ${id} could not be found.`, 'List them: openstack server list.'),
  ServerState: fault(
    409,
    (id: string, what: string, state: string) => `Cannot '${what}' instance ${id} while it is in ${state}`,
    'Wait for it, or see: openstack server show.',
  ),
  ServerLocked: fault(409, (id: string) => `Instance ${id} is locked`, 'Unlock it: openstack server unlock.'),
  ImageUnknown: fault(400, (id: string) => `Can not find requested image ${id}.`, 'List them: openstack image list.'),
  ImageNotActive: fault(400, (id: string, status: string) => `Image ${id} is not active, but ${status}.`),
  ImageMissing: fault(400, () => 'Invalid imageRef provided: a bare-metal server needs an image.'),
  FlavorDiskTooSmall: fault(
    400,
    (need: string) => `Flavor's disk is too small for requested image. ${need}`,
    'Choose a flavor with a larger disk.',
  ),
  FlavorMemoryTooSmall: fault(
    400,
    () => "Flavor's memory is too small for requested image.",
    'Choose a larger flavor.',
  ),
  UserDataTooLarge: fault(
    400,
    (limit: number) => `User data too large. User data must be no larger than ${limit} bytes once base64 encoded.`,
  ),
  UserDataBinary: fault(
    400,
    () => 'User data must be text in UTF-8.',
    'Send a script or a MIME document; compress nothing.',
  ),
  UserDataMalformed: fault(400, () => 'User data needs to be valid base 64.'),
  NetworkNotFound: fault(
    400,
    (id: string) => `Network ${id} could not be found.`,
    'List them: openstack network list.',
  ),
  SubnetNotFound: fault(400, (id: string) => `Subnet ${id} could not be found.`, 'List them: openstack subnet list.'),
  NetworkAmbiguous: fault(409, () => 'Multiple possible networks found, use a Network ID to be more specific.'),
  NetworkMissing: fault(
    400,
    () => 'There is no network for this project.',
    'Create one, or ask for none with networks: none.',
  ),
  PortNotFound: fault(400, (id: string) => `Port id ${id} could not be found.`),
  PortInUse: fault(400, (id: string, owner: string) => `Port ${id} is still in use by ${owner}.`),
  ZoneUnknown: fault(400, () => 'The requested availability zone is not available', 'The only one is nova.'),
  GroupNotFound: fault(404, (id: string) => `Instance group ${id} could not be found.`),
  GroupUnknown: fault(400, (id: string) => `Instance group ${id} could not be found.`),
  MetadataNotFound: fault(404, () => 'Metadata item was not found'),
  TagNotFound: fault(404, (server: string, tag: string) => `Server ${server} has no tag '${tag}'`),
  PortNotAttached: fault(404, (port: string) => `Port ${port} is not attached to the server.`),
  MachineMissing: fault(409, (id: string) => `Instance ${id} has no machine.`, 'Delete it or rebuild it.'),
  NicMissing: fault(
    409,
    (machine: string, has: number) =>
      `Machine ${machine} has ${has} network ports, and each carries a network already.`,
    'Detach one first: openstack server remove port.',
  ),
  QuotaExceeded: fault(
    403,
    (name: string, more: number, used: number, limit: number) =>
      `Quota exceeded for ${name}: Requested ${more}, but already used ${used} of ${limit} ${name}`,
    'Delete what is not needed, or ask for more: openstack quota set.',
  ),
  QuotaClassNotFound: fault(404, (id: string) => `Quota class ${id} could not be found.`, 'The only one is default.'),
  AggregateNotFound: fault(404, (id: string) => `Aggregate ${id} could not be found.`),
  AggregateExists: fault(409, (name: string) => `Aggregate ${name} already exists.`),
  AggregateInUse: fault(400, (name: string) => `Host aggregate ${name} is not empty.`, 'Remove its hosts first.'),
  AggregateHasHost: fault(409, (name: string, host: string) => `Aggregate ${name} already has host ${host}.`),
  AggregateHostNotFound: fault(404, (name: string, host: string) => `Aggregate ${name} has no host ${host}.`),
  HostNotFound: fault(
    404,
    (host: string) => `Compute host ${host} could not be found.`,
    'List them: openstack compute service list.',
  ),
  HypervisorNotFound: fault(404, (id: string) => `Hypervisor with ID '${id}' could not be found.`),
  ActionNotFound: fault(
    404,
    (request: string, server: string) => `Action for request_id ${request} on instance ${server} not found`,
  ),
  ActionUnknown: fault(400, (names: string) => `There is no such action: ${names}`),
  NotOffered: fault(501, (what: string) => `${what} is not offered for bare-metal servers.`),
  ServiceNotFound: fault(404, (id: string) => `Service ${id} could not be found.`),
  MarkerNotFound: fault(400, (marker: string) => `marker [${marker}] not found`),
});
