// Reads the ipmi keys of driver_info.
import type { DriverInfo } from '../contract.ts';
import { readDriverInfo } from '../driver-info.ts';

const privileges = ['ADMINISTRATOR', 'OPERATOR', 'USER', 'CALLBACK'] as const;

export interface IpmiAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  /** Empty for none. */
  readonly password: string;
  readonly privilege: (typeof privileges)[number];
  /** ipmitool's name of the interface: IPMI 2.0 or 1.5. */
  readonly transport: 'lanplus' | 'lan';
  /** Undefined: ipmitool agrees on one with the BMC. */
  readonly cipherSuite: number | undefined;
  /** Whether the BMC is told not to drop a boot device that is not used within a minute (IPMI 2.0, 28.12). */
  readonly disableBootTimeout: boolean;
}

/** Parses driver_info with Ironic's keys. Throws HardwareError `misconfigured` naming the key. */
export function ipmiAddress(info: DriverInfo): IpmiAddress {
  const read = readDriverInfo(info, 'IPMI');
  const host = read.text('ipmi_address');
  if (!host) throw read.bad('ipmi_address is missing');
  // ipmitool would take it for an option.
  if (host.startsWith('-')) throw read.bad(`ipmi_address "${host}" is no host name or address`);
  for (const key of ['ipmi_hex_kg_key', 'ipmi_bridging'] as const) {
    const given = read.text(key);
    // A BMC key could only be given to ipmitool on its command line, where every user of this host reads it.
    if (given !== undefined && given !== 'no') throw read.bad(`${key} is not supported`);
  }
  read.whole('ipmi_terminal_port', 1, 65_535);
  const disable = info.ipmi_disable_boot_timeout;
  return {
    host,
    port: read.whole('ipmi_port', 1, 65_535) ?? 623,
    username: read.text('ipmi_username'),
    password: read.text('ipmi_password') ?? '',
    privilege: read.oneOf('ipmi_priv_level', privileges) ?? 'ADMINISTRATOR',
    transport: read.oneOf('ipmi_protocol_version', ['2.0', '1.5']) === '1.5' ? 'lan' : 'lanplus',
    cipherSuite: read.whole('ipmi_cipher_suite', 0, 17),
    disableBootTimeout: !/^(false|no|off|0)$/i.test(String(disable ?? true)),
  };
}

/** ipmitool's arguments that reach the BMC; the password is not among them (`-E` reads it from the environment). */
export function loginArguments(address: IpmiAddress): string[] {
  const { transport, host, port, privilege, username, cipherSuite } = address;
  return [
    ...['-I', transport, '-H', host, '-p', String(port), '-L', privilege],
    ...(username === undefined ? [] : ['-U', username]),
    ...(cipherSuite === undefined || transport === 'lan' ? [] : ['-C', String(cipherSuite)]),
    '-E',
  ];
}

export const loginEnvironment = (address: IpmiAddress): Readonly<Record<string, string>> => ({
  IPMI_PASSWORD: address.password,
});
