// Decides who carries out each step of a node, and refuses those that nobody can, while the request waits for its answer.
import type { DriverStep, HardwareDriver, StepKind } from '../../hardware/index.ts';
import { describeFault, violation } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { NodeRow } from '../store.ts';
import { isOwnStep, nameOf, ownSteps, type PlannedStep, type Step } from './step.ts';

/** Steps that fake hardware plays in place of a ramdisk. */
const fakeDeploySteps = ['erase_devices', 'erase_devices_metadata', 'erase_devices_express'];

/** The steps that the node's driver carries out; a `no-` interface has none, and RAID may be the ramdisk's. */
function driverSteps(driver: HardwareDriver, node: NodeRow, kind: StepKind): DriverStep[] {
  return driver.steps.filter((one) => {
    const chosen = node[`${one.interface}_interface`];
    return (
      one.kinds.includes(kind) &&
      chosen !== null &&
      chosen !== 'agent' &&
      !chosen.startsWith('no-') &&
      chosen !== 'noop'
    );
  });
}

/** The driver's steps that automatic cleaning runs. */
export function automaticSteps(driver: HardwareDriver, node: NodeRow): PlannedStep[] {
  return driverSteps(driver, node, 'clean')
    .filter(({ priority }) => priority > 0)
    .map(({ interface: of, step, priority, requiresRamdisk, abortable }) => ({
      interface: of,
      step,
      args: {},
      priority,
      by: 'driver',
      needsRamdisk: requiresRamdisk,
      abortable,
    }));
}

/**
 * The steps with who carries them out. What the ramdisk offers is known only when it runs. Throws 400 with the step's name
 * for one that is not there and for arguments it lacks or does not know. `ramdisk`: may one be started?
 */
export function planSteps(
  driver: HardwareDriver,
  node: NodeRow,
  kind: StepKind,
  steps: readonly Step[],
  { ramdisk = true }: { ramdisk?: boolean } = {},
): PlannedStep[] {
  return steps.map((step) => {
    const planned = planStep(driver, node, kind, step);
    if (planned.needsRamdisk && !ramdisk) {
      throw errors.Invalid(`The ${kind} step ${nameOf(step)} needs the ramdisk, which disable_ramdisk keeps out.`);
    }
    return planned;
  });
}

function planStep(driver: HardwareDriver, node: NodeRow, kind: StepKind, step: Step): PlannedStep {
  const own = isOwnStep(step) ? ownSteps[step.step] : undefined;
  if (own) {
    if (step.step === 'power_off' && node.disable_power_off)
      throw errors.Invalid(
        `The ${kind} step ${nameOf(step)} switches node ${node.uuid} off: disable_power_off is set.`,
      );
    refuseArgs(kind, step, own);
    return { ...step, by: 'program', needsRamdisk: false, abortable: true };
  }
  const offered = driverSteps(driver, node, kind).find(
    (one) => one.interface === step.interface && one.step === step.step,
  );
  if (offered) {
    refuseArgs(kind, step, offered.args);
    return { ...step, by: 'driver', needsRamdisk: offered.requiresRamdisk, abortable: offered.abortable };
  }
  const played = step.interface === 'deploy' && fakeDeploySteps.includes(step.step);
  if (node.deploy_interface === 'fake' && !played)
    throw errors.Invalid(`node ${node.uuid} does not support this ${kind} step: ${nameOf(step)}`);
  return { ...step, by: 'ramdisk', needsRamdisk: true, abortable: true };
}

function refuseArgs(kind: StepKind, step: Step, schema: DriverStep['args']): void {
  const known = Object.keys(schema.properties);
  const unexpected = Object.keys(step.args).filter((name) => !known.includes(name));
  if (unexpected.length > 0 && schema.additionalProperties === false)
    throw errors.Invalid(`${kind} step ${nameOf(step)} has these unexpected arguments: ${unexpected.join(', ')}`);
  const missing = (schema.required ?? []).filter((name) => !(name in step.args));
  if (missing.length > 0)
    throw errors.Invalid(`${kind} step ${nameOf(step)} is missing these required arguments: ${missing.join(', ')}`);
  const fault = violation(schema, step.args, 'body');
  if (fault) throw errors.Invalid(`${kind} step ${nameOf(step)}: ${describeFault(fault)}`);
}
