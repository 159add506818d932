// What bare metal answers when it says no, in the words that Ironic's clients know.
import { catalogue, fault } from '../openstack/index.ts';

const list = (names: readonly string[]) => names.join(', ');

export const errors = catalogue({
  Invalid: fault(400, (message: string) => message),
  InvalidUuid: fault(400, (value: string) => `Expected a UUID but received ${value}.`),
  InvalidIdent: fault(400, (value: string) => `Expected a logical name or UUID but received ${value}.`),
  PhysicalNetworkMismatch: fault(
    409,
    (group: string, networks: readonly string[]) =>
      `Port group ${group} has member ports with inconsistent physical networks (${list(networks)}). All ports in a port group must have the same physical network.`,
  ),
  InvalidMac: fault(400, (value: string) => `Expected a MAC address but received ${value}.`),
  InvalidName: fault(
    400,
    (name: string) => `'${name}' is not a valid name.`,
    'Use letters, digits and the characters . _ ~ -, and not the form of a UUID.',
  ),
  ReservedName: fault(
    400,
    (name: string, reserved: readonly string[]) =>
      `The word "${name}" is reserved and can not be used as a node name. Reserved words are: ${list(reserved)}.`,
  ),
  Uneditable: fault(
    400,
    (path: string, editable: readonly string[]) =>
      `Cannot patch ${path}. Only the following can be updated: ${list([...editable].sort())}`,
  ),
  MandatoryAttribute: fault(400, (path: string) => `'${path}' is a mandatory attribute and can not be removed`),
  PatchError: fault(400, (path: string, reason: string) => `Couldn't apply patch at '${path}'. Reason: ${reason}`),
  InvalidStateRequested: fault(
    400,
    (action: string, node: string, state: string, legal: readonly string[]) =>
      `The requested action "${action}" can not be performed on node "${node}" while it is in state "${state}".` +
      (legal.length > 0 ? ` From there one can: ${list(legal)}.` : ''),
  ),
  InvalidInterface: fault(
    400,
    (kind: string, value: string, driver: string, choices: readonly string[]) =>
      `Could not find the following interface in the '${kind}' entry of hardware type ${driver}: ${value}. Valid interfaces are: ${list(choices)}.`,
  ),
  DriverNotFound: fault(
    404,
    (driver: string, known: readonly string[]) =>
      `Could not find the following driver(s) or hardware type(s): ${driver}. Enabled are: ${list(known)}.`,
  ),
  DriverNotEnabled: fault(
    400,
    (driver: string, known: readonly string[]) =>
      `No valid host was found. Reason: No conductor service registered which supports driver ${driver}. Enabled are: ${list(known)}.`,
  ),
  UnsupportedInterface: fault(
    400,
    (driver: string, kind: string) => `Driver ${driver} does not support ${kind} (disabled or not implemented).`,
  ),
  OtherOwner: fault(400, (what: string) => `In a project one can not create ${what} that belongs to another project.`),
  MissingParameter: fault(400, (message: string) => message),
  NodeNotFound: fault(404, (node: string) => `Node ${node} could not be found.`),
  InstanceNotFound: fault(404, (instance: string) => `Instance ${instance} could not be found.`),
  PortNotFound: fault(404, (port: string) => `Port ${port} could not be found.`),
  PortgroupNotFound: fault(404, (group: string) => `Portgroup ${group} could not be found.`),
  ChassisNotFound: fault(404, (chassis: string) => `Chassis ${chassis} could not be found.`),
  ConductorNotFound: fault(404, (host: string) => `Conductor ${host} could not be found.`),
  AllocationNotFound: fault(404, (allocation: string) => `Allocation ${allocation} could not be found.`),
  DeployTemplateNotFound: fault(404, (template: string) => `Deploy template ${template} could not be found.`),
  RunbookNotFound: fault(404, (runbook: string) => `Runbook ${runbook} could not be found.`),
  InspectionRuleNotFound: fault(404, (rule: string) => `Inspection rule ${rule} could not be found.`),
  VolumeConnectorNotFound: fault(404, (id: string) => `Volume connector ${id} could not be found.`),
  VolumeTargetNotFound: fault(404, (id: string) => `Volume target ${id} could not be found.`),
  ConsoleEnabled: fault(
    409,
    (node: string) =>
      `Node ${node} can not update the driver while the console is enabled. Please stop the console first.`,
  ),
  NoFreeConsolePort: fault(
    400,
    (first: number, last: number) => `All TCP ports for consoles, ${first} to ${last}, are taken.`,
    'Widen the range in the configuration, or set ipmi_terminal_port in driver_info.',
  ),
  BmcCallsNotFound: fault(
    404,
    (node: string, operation: string) =>
      `Nothing is kept of what operation ${operation} said to the BMC of node ${node}.`,
    'GET the list without the operation for those that are.',
  ),
  AgentLogsNotFound: fault(
    404,
    (node: string, operation: string) => `No logs of operation ${operation} are kept for node ${node}.`,
    'GET the list without the operation for those that are.',
  ),
  DiscoveriesFull: fault(
    409,
    (most: number) => `${most} machines wait for approval already.`,
    'Approve or forget some: undercloud node discovered.',
  ),
  DiscoveryNotFound: fault(
    404,
    (id: string) => `No machine ${id} waits for approval.`,
    'undercloud node discovered lists those that do.',
  ),
  HistoryNotFound: fault(404, (id: string) => `Node history record ${id} could not be found.`),
  InventoryNotFound: fault(
    404,
    (node: string) => `Inspection inventory for node ${node} could not be found.`,
    'Inspect the node first.',
  ),
  TraitNotFound: fault(404, (node: string, trait: string) => `Node ${node} doesn't have a trait '${trait}'`),
  BiosSettingNotFound: fault(404, (node: string, name: string) => `Node ${node} doesn't have a BIOS setting '${name}'`),
  IndicatorNotFound: fault(404, (node: string, what: string) => `Node ${node} has no indicator ${what}`),
  NotAllowed: fault(405, () => 'The method specified is not allowed for this resource.'),
  NotFound: fault(404, () => 'The resource could not be found.'),
  NodeAlreadyExists: fault(409, (uuid: string) => `A node with UUID ${uuid} already exists.`),
  DuplicateName: fault(409, (kind: string, name: string) => `A ${kind} with name ${name} already exists.`),
  AlreadyExists: fault(409, (kind: string, uuid: string) => `A ${kind} with UUID ${uuid} already exists.`),
  MacAlreadyExists: fault(409, (kind: string, mac: string) => `A ${kind} with MAC address ${mac} already exists.`),
  NodeLocked: fault(
    409,
    (node: string, host: string) =>
      `Node ${node} is locked by host ${host}, please retry after the current operation is completed.`,
  ),
  NodeInTransition: fault(
    409,
    (node: string) => `Node ${node} can not be updated while a state transition is in progress.`,
  ),
  InvalidState: fault(409, (message: string) => message),
  NodeAssociated: fault(
    409,
    (node: string, instance: string) => `Node ${node} is associated with instance ${instance}.`,
  ),
  InstanceAssociated: fault(
    409,
    (instance: string, node: string) =>
      `Instance ${instance} is already associated with a node, it cannot be associated with this other node ${node}`,
  ),
  NodeInMaintenance: fault(
    400,
    (operation: string, node: string) =>
      `The ${operation} operation can't be performed on node ${node} because it's in maintenance mode.`,
  ),
  NodeProtected: fault(
    403,
    (node: string) => `Node ${node} is protected and can not be undeployed, rebuilt or deleted.`,
    'Unset its protected flag first.',
  ),
  ChassisNotEmpty: fault(
    400,
    (chassis: string) => `Cannot complete the requested action because chassis ${chassis} contains nodes.`,
  ),
  PortgroupNotEmpty: fault(
    400,
    (group: string) => `Cannot complete the requested action because portgroup ${group} contains ports.`,
  ),
  VifAlreadyAttached: fault(
    409,
    (vif: string, node: string) =>
      `Unable to attach VIF because VIF ${vif} is already attached to Ironic node ${node}.`,
  ),
  NoFreePort: fault(
    400,
    (vif: string, node: string) => `Unable to attach VIF ${vif} to node ${node}: it has no free physical port.`,
  ),
  VifNotAttached: fault(
    400,
    (vif: string, node: string) => `Unable to detach VIF ${vif} from node ${node} because it is not attached to it.`,
  ),
  NotAcceptable: fault(406, (what: string) => what),
  AgentTokenInvalid: fault(400, () => 'Invalid or missing agent token received.'),
  IncompleteLookup: fault(400, () => "At least one of 'addresses' and 'node_uuid' parameters is required"),
  LookupFailed: fault(404, () => 'The resource could not be found.'),
  HardwareFailed: fault(500, (message: string) => message),
});
