// The commands that a server may send, each with what it does on the machine.
import { AgentError, asAgentError } from '../errors.ts';
import { postJson } from '../http.ts';
import { type Json, objectOf, requiredText, textOf, truthOf } from '../parse.ts';
import { inspect } from './inspect.ts';
import type { Machine, Report } from './machine.ts';
import { prepareImage } from './prepare-image.ts';
import { executeStep, listSteps } from './steps.ts';

export interface Outcome {
  readonly result: Json;
  /** Runs once the result has been handed out: what ends this system. */
  readonly afterwards?: () => Promise<void>;
}

export interface CommandEntry {
  /** Quick commands change nothing and run beside a long one. */
  readonly quick?: true;
  /** Is answered when it has ended even if the sender would not wait, as stock agents do: conductors rely on it. */
  readonly atOnce?: true;
  readonly run: (machine: Machine, params: Json, report: Report) => Promise<Outcome>;
}

const plain = (result: Json): Outcome => ({ result });

export const commands: Readonly<Record<string, CommandEntry>> = {
  'standby.prepare_image': {
    run: async (machine, params, report) => plain({ ...(await prepareImage(machine, params, report)) }),
  },
  'standby.cache_image': {
    run: async (machine, params, report) =>
      plain({ ...(await prepareImage(machine, { ...params, configdrive: null }, report)) }),
  },
  'standby.run_image': { run: runImage },
  'standby.power_off': {
    run: async (machine) => {
      await machine.sync();
      return { result: { result: 'power_off: powering off' }, afterwards: () => machine.leave('power off') };
    },
  },
  'standby.reboot': {
    run: async (machine) => {
      await machine.sync();
      return { result: { result: 'reboot: rebooting' }, afterwards: () => machine.leave('reboot') };
    },
  },
  'standby.sync': {
    atOnce: true,
    run: async (machine) => {
      await machine.sync();
      return plain({ result: 'sync: done' });
    },
  },
  'standby.get_partition_uuids': {
    quick: true,
    atOnce: true,
    run: async (machine) => plain({ ...(await machine.partitionUuids()) }),
  },
  'image.install_bootloader': {
    run: async (machine) => plain({ result: `install_bootloader: ${await machine.installBootLoader()}` }),
  },
  'clean.get_clean_steps': { quick: true, atOnce: true, run: async (machine) => plain(listSteps('clean', machine)) },
  'clean.execute_clean_step': {
    run: async (machine, params, report) => plain(await executeStep('clean', machine, params, report)),
  },
  'deploy.get_deploy_steps': { quick: true, atOnce: true, run: async (machine) => plain(listSteps('deploy', machine)) },
  'deploy.execute_deploy_step': {
    run: async (machine, params, report) => plain(await executeStep('deploy', machine, params, report)),
  },
  'service.get_service_steps': {
    quick: true,
    atOnce: true,
    run: async (machine) => plain(listSteps('service', machine)),
  },
  'service.execute_service_step': {
    run: async (machine, params, report) => plain(await executeStep('service', machine, params, report)),
  },
  'rescue.finalize_rescue': { atOnce: true, run: finalizeRescue },
  'log.collect_system_logs': {
    quick: true,
    run: async (machine) => plain({ system_logs: Buffer.from(await machine.collectLogs()).toString('base64') }),
  },
  'undercloud.inspect': { run: inspectCommand },
  'undercloud.kexec': { run: (machine, params) => runImage(machine, { ...params, kexec: true, required: true }) },
};

async function finalizeRescue(machine: Machine, params: Json): Promise<Outcome> {
  const password = requiredText(params, 'rescue_password', 'rescue.finalize_rescue');
  await machine.openForRescue({ password, hashed: truthOf(params, 'hashed') });
  return plain({ result: 'finalize_rescue: open' });
}

/** Starts the written system: by kexec when allowed and possible, else through the firmware. */
async function runImage(machine: Machine, params: Json): Promise<Outcome> {
  let reason = 'kexec was not asked for';
  await machine.sync();
  if (truthOf(params, 'kexec')) {
    try {
      await machine.loadKexec(textOf(params, 'cmdline'));
      return { result: { result: 'run_image: kexec', method: 'kexec' }, afterwards: () => machine.leave('kexec') };
    } catch (thrown) {
      if (truthOf(params, 'required')) throw thrown;
      reason = asAgentError(thrown).message;
    }
  }
  return {
    result: { result: 'run_image: reboot', method: 'reboot', reason },
    afterwards: () => machine.leave('reboot'),
  };
}

async function inspectCommand(machine: Machine, params: Json): Promise<Outcome> {
  const report = await inspect(machine, {
    rootDeviceHints: objectOf(params, 'root_device'),
    bootInterface: textOf(params, 'boot_interface'),
  });
  if (params.callback_url !== undefined) {
    const url = requiredText(params, 'callback_url', 'undercloud.inspect');
    const reply = await postJson(url, report);
    if (reply.status >= 300) throw new AgentError('refused', `${url}: HTTP ${reply.status}`, { details: reply.body });
  }
  return plain({ ...report });
}
