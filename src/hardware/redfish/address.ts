// Reads the redfish keys of driver_info.
import { readFileSync } from 'node:fs';
import { type DriverInfo, HardwareError } from '../contract.ts';
import { type InfoReader, readDriverInfo } from '../driver-info.ts';

const authTypes = ['auto', 'session', 'basic', 'none'] as const;
export type AuthType = (typeof authTypes)[number];

export interface RedfishAddress {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Resource path of the system; undefined: the only system of the service. */
  readonly systemPath: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly auth: AuthType;
  /** True: verify against the known authorities. False: do not verify. Text: PEM of the authority to trust. */
  readonly verify: boolean | string;
}

/** Parses driver_info with Ironic's keys. Throws HardwareError `misconfigured` naming the key. */
export function redfishAddress(info: DriverInfo): RedfishAddress {
  const read = readDriverInfo(info, 'Redfish');
  const { text, bad } = read;
  const given = text('redfish_address');
  if (!given) throw bad('redfish_address is missing');
  const withScheme = /^https?:\/\//i.test(given) ? given : `https://${given}`;
  if (!URL.canParse(withScheme)) throw bad(`redfish_address "${given}" is not a URL`);
  const { origin } = new URL(withScheme);
  const system = text('redfish_system_id');
  if (system !== undefined && !system.startsWith('/')) {
    throw bad(`redfish_system_id "${system}" must be the path of a system, such as /redfish/v1/Systems/1`);
  }
  return {
    origin,
    systemPath: system?.replace(/\/$/, ''),
    username: text('redfish_username'),
    password: text('redfish_password'),
    auth: read.oneOf('redfish_auth_type', authTypes) ?? 'auto',
    verify: verification(info.redfish_verify_ca, bad),
  };
}

function verification(given: unknown, bad: InfoReader['bad']): boolean | string {
  if (given === undefined || given === null || given === '') return true;
  if (typeof given === 'boolean') return given;
  if (typeof given !== 'string') throw bad('redfish_verify_ca is neither true, false nor the path of a certificate');
  if (/^(true|yes|on|1)$/i.test(given)) return true;
  if (/^(false|no|off|0)$/i.test(given)) return false;
  try {
    return readFileSync(given, 'utf8');
  } catch (cause) {
    throw new HardwareError('misconfigured', `redfish_verify_ca ${given} cannot be read.`, { cause });
  }
}
