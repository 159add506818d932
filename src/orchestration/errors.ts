// What orchestration refuses, in Heat's words where it has them.
import { catalogue, fault } from '../openstack/index.ts';

export const errors = catalogue({
  EntityNotFound: fault(404, (entity: string, name: string) => `The ${entity} (${name}) could not be found.`),
  StackExists: fault(
    409,
    (name: string) => `The Stack (${name}) already exists.`,
    'Update it, or choose another name.',
  ),
  StackValidationFailed: fault(400, (message: string) => message),
  InvalidStackName: fault(
    400,
    (name: string) =>
      `Invalid stack name ${name} must contain only alphanumeric or "_-." characters, must start with alpha and must be 255 characters or less.`,
  ),
  ActionInProgress: fault(
    409,
    (name: string, action: string) => `Stack ${name} already has an action (${action}) in progress.`,
    'Wait for its end (undercloud wait) or cancel it.',
  ),
  StackMoved: fault(
    409,
    (name: string) => `Stack ${name} has just been given other work.`,
    'Look at it and ask again.',
  ),
  BadNumber: fault(400, (name: string, value: string) => `Only integer is allowed by '${name}': ${value}`),
  BadSortDirection: fault(400, (given: string) => `Unknown sort direction ${given}, must be one of asc or desc`),
  MissingTemplate: fault(
    400,
    () => 'No template specified',
    'Give `template`; template_url is not fetched by this server.',
  ),
  TemplateUrlRefused: fault(
    400,
    () => 'template_url is not fetched by this server.',
    'Send the text as `template`; clients do so with --template FILE.',
  ),
  RegionUnknown: fault(
    400,
    (region: string) =>
      `Cannot establish connection to Heat endpoint at region "${region}" due to "public endpoint for orchestration service in ${region} region not found"`,
  ),
  InnerStackInvalid: fault(
    400,
    (region: string, why: string) =>
      `Failed validating stack template using Heat endpoint at region "${region}" due to "ERROR: ${why}"`,
  ),
  BadAdoption: fault(400, (why: string) => `The data of the stack to adopt cannot be used: ${why}.`),
  NotSupported: fault(400, (feature: string) => `${feature} is not supported.`),
  ActionMissing: fault(400, () => 'No action specified'),
  ActionAmbiguous: fault(400, () => 'Multiple actions specified'),
  ActionNotSupported: fault(400, (action: string) => `Invalid action ${action} specified`),
  CancelNotSupported: fault(400, (rollback: boolean, state: string) =>
    rollback
      ? `Cancelling update when stack is ${state} is not supported.`
      : `Cancelling without rollback when stack is ${state} is not supported.`,
  ),
  PlanNotFound: fault(404, (id: string) => `Plan ${id} could not be found.`, 'Make one with: undercloud plan'),
  PlanStale: fault(
    409,
    (id: string, why: string) => `Plan ${id} is refused: ${why}.`,
    'Make a new plan and look at it.',
  ),
  ConfigInUse: fault(
    400,
    (id: string) => `Software config ${id} is in use by a deployment.`,
    'Delete its deployments first.',
  ),
  NotSignalable: fault(400, (name: string) => `Resource ${name} does not take signals.`),
  BadSignal: fault(400, (why: string) => `The signal is refused: ${why}.`),
  HookNotSet: fault(
    400,
    (hook: string, name: string) => `The "${hook}" hook is not waiting on resource "${name}".`,
    'A hook can be cleared once the stack has come to it.',
  ),
  TenantMismatch: fault(403, () => 'You are not authorized to complete this action.'),
});
