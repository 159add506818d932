// The clean, deploy and service steps that this ramdisk offers.
import { AgentError } from '../errors.ts';
import { isObject, type Json, listOf, objectOf, requiredText, truthOf } from '../parse.ts';
import type { Step } from '../protocol.ts';
import type { EraseSettings, Machine, MachineStep, Report } from './machine.ts';
import { prepareImage } from './prepare-image.ts';

const hardwareManager = 'UndercloudHardwareManager';
const hardwareManagerVersion = '1';

export type StepKind = 'clean' | 'deploy' | 'service';

/** Priorities as ironic-python-agent announces them; the server may override each. */
function offered(machine: Machine): readonly MachineStep[] {
  const erase = (
    step: string,
    priority: MachineStep['priority'],
    run: (report: Report, node: Json) => Promise<void>,
  ): MachineStep => ({
    step,
    interface: 'deploy',
    priority,
    abortable: true,
    run: async (_args, node, report) => {
      await run(report, node);
      return null;
    },
  });
  return [
    erase('erase_devices', { clean: 10 }, (report, node) => machine.eraseDisks(report, eraseSettings(node))),
    erase('erase_devices_metadata', { clean: 99, deploy: 0 }, (report) => machine.eraseMetadata(report)),
    {
      step: 'write_image',
      interface: 'deploy',
      priority: { deploy: 0 },
      abortable: false,
      run: async (args, node, report) => ({ ...(await prepareImage(machine, args, report, node)) }),
    },
    ...(machine.steps ?? []),
  ];
}

function eraseSettings(node: Json): EraseSettings {
  const given = objectOf(node, 'driver_internal_info') ?? {};
  const unless = (key: string) => given[key] === undefined || truthOf(given, key);
  return {
    ata: unless('agent_enable_ata_secure_erase'),
    nvme: unless('agent_enable_nvme_secure_erase'),
    goOn: truthOf(given, 'agent_continue_if_secure_erase_failed'),
  };
}

/** The answer to get_clean_steps and its like. */
export function listSteps(kind: StepKind, machine: Machine): Json {
  const steps = offered(machine).flatMap(({ step, interface: of, priority, abortable }): Step[] => {
    const own = priority[kind];
    return own === undefined ? [] : [{ step, interface: of, priority: own, reboot_requested: false, abortable }];
  });
  return {
    [`${kind}_steps`]: { [hardwareManager]: steps },
    hardware_manager_version: { [hardwareManager]: hardwareManagerVersion },
  };
}

/** Runs one step. Throws AgentError `cleanVersion` when the steps were listed by another version of this agent. */
export async function executeStep(kind: StepKind, machine: Machine, params: Json, report: Report): Promise<Json> {
  const step = objectOf(params, 'step');
  if (!step) throw new AgentError('invalidParams', `execute_${kind}_step needs step`);
  const name = requiredText(step, 'step', 'step');
  const found = offered(machine).find((candidate) => candidate.step === name && candidate.priority[kind] !== undefined);
  if (!found) throw new AgentError('invalidParams', `this agent offers no ${kind} step ${name}`);
  const versions = objectOf(params, `${kind}_version`);
  const listed = versions?.[hardwareManager];
  if (versions && listed !== hardwareManagerVersion) {
    throw new AgentError(
      'cleanVersion',
      `steps were listed by version ${String(listed)}, this is ${hardwareManagerVersion}`,
    );
  }
  const result = await found.run(
    objectOf(step, 'args') ?? {},
    objectOf(params, 'node') ?? {},
    report,
    listOf(params, 'ports').filter(isObject),
  );
  return { [`${kind}_result`]: result, [`${kind}_step`]: step };
}
