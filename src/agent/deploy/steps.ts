// The clean and deploy steps that this ramdisk offers.
import { AgentError } from '../errors.ts';
import { type Json, objectOf, requiredText } from '../parse.ts';
import type { Step } from '../protocol.ts';
import type { Machine, Report } from './machine.ts';

const hardwareManager = 'UndercloudHardwareManager';
const hardwareManagerVersion = '1';

interface OfferedStep extends Step {
  readonly run: (machine: Machine, report: Report) => Promise<void>;
}

const offered = (name: string, priority: number, run: OfferedStep['run']): OfferedStep => ({
  step: name,
  interface: 'deploy',
  priority,
  reboot_requested: false,
  abortable: true,
  run,
});

/** Priorities as ironic-python-agent announces them; the server may override each. */
const steps: Readonly<Record<'clean' | 'deploy', readonly OfferedStep[]>> = {
  clean: [
    offered('erase_devices', 10, (machine, report) => machine.eraseDisks(report)),
    offered('erase_devices_metadata', 99, (machine, report) => machine.eraseMetadata(report)),
  ],
  deploy: [offered('erase_devices_metadata', 0, (machine, report) => machine.eraseMetadata(report))],
};

/** The answer to get_clean_steps and get_deploy_steps. */
export function listSteps(kind: 'clean' | 'deploy'): Json {
  const list = steps[kind].map(({ run: _, ...step }) => step);
  return {
    [`${kind}_steps`]: { [hardwareManager]: list },
    hardware_manager_version: { [hardwareManager]: hardwareManagerVersion },
  };
}

/** Runs one step. Throws AgentError `cleanVersion` when the steps were listed by another version of this agent. */
export async function executeStep(
  kind: 'clean' | 'deploy',
  machine: Machine,
  params: Json,
  report: Report,
): Promise<Json> {
  const step = objectOf(params, 'step');
  if (!step) throw new AgentError('invalidParams', `execute_${kind}_step needs step`);
  const name = requiredText(step, 'step', 'step');
  const found = steps[kind].find((candidate) => candidate.step === name);
  if (!found) throw new AgentError('invalidParams', `this agent offers no ${kind} step ${name}`);
  const versions = objectOf(params, `${kind}_version`);
  const listed = versions?.[hardwareManager];
  if (versions && listed !== hardwareManagerVersion) {
    throw new AgentError(
      'cleanVersion',
      `steps were listed by version ${String(listed)}, this is ${hardwareManagerVersion}`,
    );
  }
  await found.run(machine, report);
  return { [`${kind}_result`]: { [hardwareManager]: null }, [`${kind}_step`]: step };
}
