// Reads the ipmi keys of driver_info.
import type { DriverInfo } from '../contract.ts';
import { type InfoReader, readDriverInfo } from '../driver-info.ts';

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
  /** The BMC's key K_G of IPMI 2.0, up to 20 bytes (13.32); undefined: the user's password serves for it. */
  readonly kgKey: Buffer | undefined;
  /** ipmitool's arguments that reach a controller behind the BMC. */
  readonly bridge: readonly string[];
}

/** Parses driver_info with Ironic's keys. Throws HardwareError `misconfigured` naming the key. */
export function ipmiAddress(info: DriverInfo): IpmiAddress {
  const read = readDriverInfo(info, 'IPMI');
  const host = read.text('ipmi_address');
  if (!host) throw read.bad('ipmi_address is missing');
  // ipmitool would take it for an option.
  if (host.startsWith('-')) throw read.bad(`ipmi_address "${host}" is no host name or address`);
  read.whole('ipmi_terminal_port', 1, 65_535);
  return {
    host,
    port: read.whole('ipmi_port', 1, 65_535) ?? 623,
    username: read.text('ipmi_username'),
    password: read.text('ipmi_password') ?? '',
    privilege: read.oneOf('ipmi_priv_level', privileges) ?? 'ADMINISTRATOR',
    transport: read.oneOf('ipmi_protocol_version', ['2.0', '1.5']) === '1.5' ? 'lan' : 'lanplus',
    cipherSuite: read.whole('ipmi_cipher_suite', 0, 17),
    disableBootTimeout: read.flag('ipmi_disable_boot_timeout', true),
    kgKey: kgKeyOf(read),
    bridge: bridgeOf(info, read),
  };
}

function kgKeyOf(read: InfoReader): Buffer | undefined {
  const given = read.text('ipmi_hex_kg_key');
  if (given === undefined) return undefined;
  if (!/^([0-9a-f]{2}){1,20}$/i.test(given)) throw read.bad('ipmi_hex_kg_key is not 1 to 20 bytes in hexadecimal');
  // Zeros at the end are what shorter keys are filled with.
  const key = Buffer.from(given.replace(/(00)+$/, ''), 'hex');
  // ipmitool takes it from the environment, as text, or on its command line, where every user of this host reads it.
  if (key.includes(0))
    throw read.bad('ipmi_hex_kg_key has a zero byte before its end, which cannot be given to ipmitool');
  return key.length === 0 ? undefined : key;
}

/** Driver_info key, and ipmitool's option for it; `transit` is for a bridge behind a bridge. */
const bridgeOptions = [
  ['ipmi_transit_channel', '-B', 'dual'],
  ['ipmi_transit_address', '-T', 'dual'],
  ['ipmi_target_channel', '-b', 'single'],
  ['ipmi_target_address', '-t', 'single'],
] as const;

function bridgeOf(info: DriverInfo, read: InfoReader): string[] {
  const kind = read.oneOf('ipmi_bridging', ['no', 'single', 'dual']) ?? 'no';
  if (kind === 'no') return [];
  const number = (key: string, otherwise?: string): string => {
    const given = info[key] ?? otherwise;
    if (given === undefined) throw read.bad(`${key} is missing, which ipmi_bridging "${kind}" needs`);
    if (!/^(0x[0-9a-f]{1,2}|\d{1,3})$/i.test(String(given)))
      throw read.bad(`${key} "${String(given)}" is no number of a byte`);
    return String(given);
  };
  const wanted = bridgeOptions.filter(([, , from]) => from === 'single' || kind === 'dual');
  return ['-m', number('ipmi_local_address', '0x20'), ...wanted.flatMap(([key, option]) => [option, number(key)])];
}

/** ipmitool's arguments that reach the BMC; password and key are not among them (`-E` and `-K` read them from the environment). */
export function loginArguments(address: IpmiAddress): string[] {
  const { transport, host, port, privilege, username, cipherSuite, kgKey, bridge } = address;
  return [
    ...['-I', transport, '-H', host, '-p', String(port), '-L', privilege],
    ...(username === undefined ? [] : ['-U', username]),
    ...(cipherSuite === undefined || transport === 'lan' ? [] : ['-C', String(cipherSuite)]),
    '-E',
    ...(kgKey === undefined ? [] : ['-K']),
    ...bridge,
  ];
}

export const loginEnvironment = (address: IpmiAddress): Readonly<Record<string, string>> => ({
  IPMI_PASSWORD: address.password,
  ...(address.kgKey === undefined ? {} : { KG_KEY: octal(address.kgKey) }),
});

/**
 * The command as it is run. Node.js knows text alone in an environment, and a key is any bytes: a shell makes them of their
 * numbers. The dot keeps the line ends at the end of a key.
 */
export function runnable(address: IpmiAddress, command: readonly string[]): readonly string[] {
  if (address.kgKey === undefined) return command;
  const script = `k=$(printf '%b.' "$KG_KEY"); unset KG_KEY; export IPMI_KGKEY="\${k%.}"; exec "$@"`;
  return ['sh', '-c', script, 'sh', ...command];
}

function octal(bytes: Buffer): string {
  return [...bytes].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
}
