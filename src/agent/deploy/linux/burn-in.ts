// Runs a machine hot for a while before it is trusted: processors, memory, disks, network.
import { availableParallelism } from 'node:os';
import { AgentError } from '../../errors.ts';
import { isObject, type Json, numberOf, objectOf, textOf } from '../../parse.ts';
import type { Disk } from '../../protocol.ts';
import type { MachineStep, Report } from '../machine.ts';
import { burnInNetwork } from './network-burn-in.ts';
import { has, type Run } from './program.ts';

const daySeconds = 24 * 3600;
/** The one that Ironic's agents use for it. */
const networkPort = 9000;

export interface BurnInOptions {
  readonly run: Run;
  readonly disks: () => Promise<readonly Disk[]>;
  readonly has?: (program: string) => Promise<boolean>;
  readonly port?: number;
}

/** Without `--verify` stress-ng only warms: wrong results are not looked for. */
const reporting = ['--verify', '--metrics-brief'] as const;

/** Ironic's burn-in steps, with its settings in driver_info (`agent_burnin_*`); never part of automated cleaning. */
export function burnInSteps(options: BurnInOptions): readonly MachineStep[] {
  const known = options.has ?? has;
  const step = (name: string, work: (settings: Json, report: Report) => Promise<unknown>): MachineStep => ({
    step: name,
    interface: 'deploy',
    // An instance in use keeps its data: what writes to disks is no service step.
    priority: name === 'burnin_disk' ? { clean: 0 } : { clean: 0, service: 0 },
    abortable: true,
    async run(_args, node, report) {
      const told = await work(objectOf(node, 'driver_info') ?? {}, report);
      return isObject(told) ? told : null;
    },
  });
  const needs = async (program: string) => {
    if (!(await known(program))) {
      throw new AgentError('missingProgram', `this ramdisk has no ${program}`, {
        details:
          'Give the node a ramdisk that was built with the element burn-in: deploy_kernel and deploy_ramdisk in driver_info.',
      });
    }
  };
  return [
    step('burnin_cpu', async (settings) => {
      const seconds = setting(settings, 'agent_burnin_cpu_timeout', daySeconds);
      const processors = setting(settings, 'agent_burnin_cpu_cpu', 0);
      if (!(await known('stress-ng'))) return hashOnEach(options.run, processors || availableParallelism(), seconds);
      const args = ['--cpu', String(processors), '--timeout', String(seconds), ...reporting];
      await options.run('stress-ng', args);
    }),
    step('burnin_memory', async (settings) => {
      await needs('stress-ng');
      const bytes = textOf(settings, 'agent_burnin_vm_vm-bytes') ?? '98%';
      const seconds = setting(settings, 'agent_burnin_vm_timeout', daySeconds);
      await options.run('stress-ng', ['--vm', '0', '--vm-bytes', bytes, '--timeout', String(seconds), ...reporting]);
    }),
    step('burnin_disk', async (settings) => {
      await needs('fio');
      const seconds = setting(settings, 'agent_burnin_fio_disk_runtime', 0);
      const loops = setting(settings, 'agent_burnin_fio_disk_loops', 4);
      const each = (await options.disks()).flatMap(({ name }) => ['--name', name, '--filename', name]);
      await options.run('fio', [
        ...['--rw', 'readwrite', '--bs', '4k', '--direct', '1', '--ioengine', 'libaio', '--iodepth', '32'],
        // Told to continue after an error in what it reads back, fio counts it and ends with success.
        ...['--verify', 'crc32c', '--loops', String(loops)],
        ...['--runtime', String(seconds), ...(seconds > 0 ? ['--time_based'] : [])],
        ...each,
      ]);
    }),
    step('burnin_network', async (settings, report) => {
      const { role, partner } = objectOf(settings, 'agent_burnin_fio_network_config') ?? {};
      if ((role !== 'writer' && role !== 'reader') || typeof partner !== 'string' || partner === '') {
        throw new AgentError('invalidParams', 'network burn-in needs a partner that runs it at the same time', {
          details:
            'Set agent_burnin_fio_network_config in driver_info to {"role": "writer" or "reader", "partner": ADDRESS}.',
        });
      }
      return burnInNetwork({
        ...{ role, partner, report, port: options.port ?? networkPort },
        seconds: setting(settings, 'agent_burnin_fio_network_runtime', 6 * 3600),
        pairingSeconds: setting(settings, 'agent_burnin_fio_network_pairing_timeout', 900),
      });
    }),
  ];
}

function setting(settings: Json, key: string, otherwise: number): number {
  const value = numberOf(settings, key) ?? Number(textOf(settings, key) ?? Number.NaN);
  return Number.isInteger(value) && value >= 0 ? value : otherwise;
}

const hashedMebibytes = 16;

/** The same data must have the same hash each time, on every processor at once: works with nothing but a shell. */
async function hashOnEach(run: Run, processors: number, seconds: number): Promise<void> {
  const hash = `dd if=/dev/zero bs=1048576 count=${hashedMebibytes} 2>/dev/null | sha512sum`;
  const loop = `while true; do [ "$(${hash})" = "$wanted" ] || exit 1; done`;
  const script = `wanted=$(${hash}); timeout -s KILL ${seconds} sh -c 'wanted="$1"; ${loop}' sh "$wanted"; [ $? -ne 1 ]`;
  const each = Array.from({ length: processors }, () => run('sh', ['-c', script]));
  const failed = (await Promise.allSettled(each)).filter(({ status }) => status === 'rejected').length;
  if (failed > 0) throw new AgentError('programFailed', `${failed} of ${processors} processors computed a wrong hash`);
}
