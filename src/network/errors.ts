// What the network service refuses, and why; kinds are Neutron's error types, which clients compare.
import { catalogue, fault } from '../openstack/index.ts';

export const errors = catalogue({
  NotFound: fault(404, (kind: string, id: string) => `${kind} ${id} could not be found.`),
  NetworkNotFound: fault(404, (id: string) => `Network ${id} could not be found.`),
  SubnetNotFound: fault(404, (id: string) => `Subnet ${id} could not be found.`),
  PortNotFound: fault(404, (id: string) => `Port ${id} could not be found.`),
  SubnetPoolNotFound: fault(404, (id: string) => `Subnet pool ${id} could not be found.`),
  SecurityGroupNotFound: fault(404, (id: string) => `Security group ${id} does not exist.`),
  SecurityGroupRuleNotFound: fault(404, (id: string) => `Security group rule ${id} does not exist.`),
  TrunkNotFound: fault(404, (id: string) => `Trunk ${id} could not be found.`),
  SegmentNotFound: fault(404, (id: string) => `Segment ${id} could not be found.`),
  AddressScopeNotFound: fault(404, (id: string) => `Address scope ${id} could not be found.`),
  RbacPolicyNotFound: fault(404, (id: string) => `RBAC policy of type network with ID ${id} not found.`),
  TagNotFound: fault(404, (tag: string) => `Tag ${tag} could not be found.`),
  HTTPBadRequest: fault(400, (message: string) => message),
  InvalidInput: fault(400, (message: string) => `Invalid input for operation: ${message}.`),
  InvalidIpForNetwork: fault(
    400,
    (address: string) => `IP address ${address} is not a valid IP for any of the subnets on the specified network.`,
  ),
  InvalidIpForSubnet: fault(
    400,
    (address: string, subnet: string) => `IP address ${address} is not a valid IP for the specified subnet ${subnet}.`,
  ),
  GatewayConflictWithAllocationPools: fault(
    409,
    (pool: string, address: string) => `Gateway ip ${address} conflicts with allocation pool ${pool}.`,
  ),
  OutOfBoundsAllocationPool: fault(
    400,
    (pool: string, cidr: string) => `The allocation pool ${pool} spans beyond the subnet cidr ${cidr}.`,
  ),
  OverlappingAllocationPools: fault(
    409,
    (a: string, b: string) => `Found overlapping allocation pools: ${a} and ${b}.`,
  ),
  InvalidAllocationPool: fault(400, (pool: string) => `The allocation pool ${pool} is not valid.`),
  IpAddressInUse: fault(
    409,
    (address: string, network: string, owner: string) =>
      `Unable to complete operation for network ${network}. The IP address ${address} is in use by ${owner}.`,
    'Choose another address, or delete that port first.',
  ),
  MacAddressInUse: fault(
    409,
    (mac: string, network: string, owner: string) =>
      `Unable to complete operation for network ${network}. The mac address ${mac} is in use by ${owner}.`,
    'Choose another MAC address, or delete that port first.',
  ),
  IpAddressGenerationFailure: fault(
    409,
    (network: string) => `No more IP addresses available on network ${network}.`,
    'Widen an allocation pool or add a subnet.',
  ),
  NetworkInUse: fault(
    409,
    (network: string, ports: string) =>
      `Unable to complete operation on network ${network}. There are one or more ports still in use on the network: ${ports}.`,
    'Delete those ports first.',
  ),
  SubnetInUse: fault(
    409,
    (subnet: string, ports: string) =>
      `Unable to complete operation on subnet ${subnet}: One or more ports have an IP allocation from this subnet: ${ports}.`,
    'Delete those ports or take the address from them first.',
  ),
  PortInUseAsTrunkParent: fault(
    409,
    (port: string, trunk: string) => `Port ${port} is currently a parent port for trunk ${trunk}.`,
    'Delete the trunk first.',
  ),
  PortInUseAsSubPort: fault(
    409,
    (port: string, trunk: string) => `Port ${port} is currently a subport for trunk ${trunk}.`,
    'Remove the subport from the trunk first.',
  ),
  ParentPortInUse: fault(
    409,
    (port: string, device: string) => `Port ${port} is bound to ${device} and cannot become a trunk's port.`,
  ),
  DuplicateSubPort: fault(
    409,
    (type: string, id: number, trunk: string) =>
      `segmentation_type ${type} and segmentation_id ${id} already in use on trunk ${trunk}.`,
  ),
  SubPortNotFound: fault(
    404,
    (trunk: string, port: string) => `SubPort on trunk ${trunk} with port ${port} not found.`,
  ),
  TrunkInUse: fault(409, (trunk: string, port: string) => `Trunk ${trunk} is in use: its port ${port} is bound.`),
  SecurityGroupInUse: fault(
    409,
    (group: string, ports: string) => `Security Group ${group} in use by port ${ports}.`,
    'Take it from those ports first.',
  ),
  SecurityGroupRuleExists: fault(409, (rule: string) => `Security group rule already exists. Rule id is ${rule}.`),
  SecurityGroupDefaultAlreadyExists: fault(409, () => 'Default security group already exists.'),
  SecurityGroupCannotRemoveDefault: fault(409, () => 'Insufficient rights for removing default security group.'),
  SecurityGroupCannotUpdateDefault: fault(409, () => 'Updating default security group not allowed.'),
  SubnetAllocationError: fault(
    409,
    (reason: string) => `Failed to allocate subnet: ${reason}.`,
    'Add a prefix to the subnet pool or ask for a smaller subnet.',
  ),
  IllegalSubnetPoolPrefixUpdate: fault(409, (reason: string) => `Illegal update to prefixes: ${reason}.`),
  InUse: fault(409, (kind: string, id: string, by: string) => `${kind} ${id} is in use by ${by}.`),
  VlanIdInUse: fault(
    409,
    (vlan: string, physical: string) =>
      `Unable to create the network. The VLAN ${vlan} on physical network ${physical} is in use.`,
  ),
  FlatNetworkInUse: fault(
    409,
    (physical: string) => `Unable to create the flat network. Physical network ${physical} is in use.`,
  ),
  OverQuota: fault(
    409,
    (resource: string) => `Quota exceeded for resources: ['${resource}'].`,
    'Raise it: openstack quota set.',
  ),
  RevisionNumberConstraintFailed: fault(
    412,
    (expected: string, actual: string) => `Constrained to ${expected}, but current revision is ${actual}.`,
    'Read the resource again.',
  ),
  RbacPolicyInUse: fault(409, (id: string) => `RBAC policy ${id} exists already for that target.`),
});
