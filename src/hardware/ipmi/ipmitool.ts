// Calls ipmitool for one BMC: a child process a call, one at a time, its failures in our own words.
import { execFile } from 'node:child_process';
import { HardwareError } from '../contract.ts';
import { tellExchange, withoutSecrets } from '../conversation.ts';
import { createLane, type LaneOptions } from '../lane.ts';
import { type IpmiAddress, loginArguments, loginEnvironment, runnable } from './address.ts';

export interface IpmitoolOptions extends LaneOptions {
  readonly program?: string;
  /** Seconds until a packet is sent again, and how often it is. */
  readonly retransmitS?: number;
  readonly retransmissions?: number;
  readonly callTimeoutMs?: number;
}

/** Runs a command; what it printed. Throws HardwareError. */
export type Ipmitool = (...command: readonly string[]) => Promise<string>;

/** Words of ipmitool, with `-v`, that tell what went wrong; the first that fits counts. */
const failures: readonly (readonly [RegExp, 'credentials' | 'unsupported' | 'unreachable'])[] = [
  // A BMC answers a wrong password with a key that does not fit, which only `-v` tells from silence.
  [
    /RAKP 2 HMAC is invalid|unauthorized name|Insufficient privilege|Invalid user name|password invalid/i,
    'credentials',
  ],
  [/Invalid (command|data field in request)|not supported/i, 'unsupported'],
  [
    /Unable to establish|Unable to resolve|Could not open socket|timeout|No route to host|Connection refused/i,
    'unreachable',
  ],
];

export function createIpmitool(address: IpmiAddress, options: IpmitoolOptions = {}): Ipmitool {
  const { program = 'ipmitool', retransmitS = 1, retransmissions = 3, callTimeoutMs = 30_000 } = options;
  // Many BMCs mix up the answers of two sessions at once.
  const lane = createLane(`${address.host}:${address.port}`, { concurrency: 1, ...options });
  const patience = ['-N', String(retransmitS), '-R', String(retransmissions)];

  function call(command: readonly string[]): Promise<string> {
    const at = new Date();
    const began = performance.now();
    return new Promise((resolve, reject) => {
      const words = runnable(address, [program, ...loginArguments(address), ...patience, '-v', ...command]);
      const [first = program, ...rest] = words;
      const child = execFile(
        first,
        rest,
        {
          env: { PATH: process.env.PATH, LC_ALL: 'C', ...loginEnvironment(address) },
          timeout: callTimeoutMs,
          killSignal: 'SIGKILL',
          maxBuffer: 4 << 20,
        },
        (error, stdout, stderr) => {
          const fault = error ? failure(error, command, stderr) : null;
          tellExchange({
            at,
            method: 'ipmitool',
            path: described(command),
            status: statusOf(error),
            durationMs: Math.round(performance.now() - began),
            said: fault?.message ?? null,
          });
          if (fault) reject(fault);
          else resolve(stdout);
        },
      );
      child.stdin?.end();
    });
  }

  function failure(error: Error & { killed?: boolean; code?: unknown }, command: readonly string[], stderr: string) {
    const bmc = `The BMC at ${address.host}:${address.port}`;
    if (error.code === 'ENOENT') {
      return new HardwareError('misconfigured', `The program ${program} is not there.`, {
        hint: 'Install ipmitool on this host (Debian package ipmitool).',
      });
    }
    if (error.killed) return new HardwareError('timeout', `${bmc} did not answer within ${callTimeoutMs / 1000} s.`);
    const kind = failures.find(([words]) => words.test(stderr))?.[1] ?? 'refused';
    const said = withoutSecrets(stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '', [
      address.password,
      address.kgKey?.toString('hex') ?? '',
    ]);
    if (kind === 'credentials') {
      const user = address.username ?? '(none)';
      return new HardwareError(kind, `${bmc} does not accept user ${user} with the password given.`);
    }
    if (kind === 'unreachable') return new HardwareError(kind, `${bmc} cannot be reached: ${said}.`);
    return new HardwareError(kind, `${bmc} refused "${described(command)}": ${said}.`);
  }

  return (...command) => lane.run(() => call(command));
}

/** The command for people. What follows `raw 0x06 0x47` is a password (IPMI 2.0, 22.30). */
function described(command: readonly string[]): string {
  const [word, netFunction, code] = command;
  const setsPassword = word === 'raw' && Number(netFunction) === 0x06 && Number(code) === 0x47;
  return (setsPassword ? [...command.slice(0, 3), '******'] : command).join(' ');
}

/** The exit code; null where the program was killed or is not there. */
function statusOf(error: { readonly code?: unknown } | null): number | null {
  if (error === null) return 0;
  return typeof error.code === 'number' ? error.code : null;
}
