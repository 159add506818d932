// The `ipmi` hardware type: IPMI 1.5 and 2.0 over LAN, spoken by ipmitool.
import { type DriverInfo, type HardwareDriver, HardwareError, type Machine, type PowerAction } from '../contract.ts';
import { readDriverInfo } from '../driver-info.ts';
import { lacking, refusing } from '../lacking.ts';
import { type PowerOptions, reachPower } from '../reach-power.ts';
import { runsSteps } from '../step-table.ts';
import { ipmiAddress } from './address.ts';
import { ipmiConsole } from './console.ts';
import { createIpmitool, type Ipmitool, type IpmitoolOptions } from './ipmitool.ts';
import { ipmiManagement } from './management.ts';
import { parseSensors } from './sensors.ts';
import { ipmiSteps, ipmiStepsOffered } from './steps.ts';

export type IpmiOptions = IpmitoolOptions & PowerOptions;

/** `chassis power` commands (IPMI 2.0, 28.3). A soft restart is a soft power off that a power on follows. */
const powerCommands: Readonly<Record<Exclude<PowerAction, 'soft rebooting'>, string>> = {
  'power on': 'on',
  'power off': 'off',
  'soft power off': 'soft',
  rebooting: 'reset',
};

const no = refusing('ipmi');

/** The driver keeps one lane for each BMC and set of credentials. */
export function createIpmi(options: IpmiOptions = {}): HardwareDriver {
  const { pollMs = 1_000, ...rest } = options;
  const tools = new Map<string, Ipmitool>();

  function machine(info: DriverInfo): Machine {
    const address = ipmiAddress(info);
    const key = JSON.stringify(address);
    const ipmitool = tools.get(key) ?? createIpmitool(address, options);
    tools.set(key, ipmitool);
    const power = reachPower(
      {
        read: () => ipmitool('power', 'status'),
        stateOf: (said) => (/is off/i.test(said) ? 'power off' : 'power on'),
        async ask(action) {
          await ipmitool('power', powerCommands[action === 'soft rebooting' ? 'soft power off' : action]);
        },
      },
      { pollMs, ...rest },
    );
    return {
      ...lacking('ipmi'),
      power: {
        state: power.state,
        lastReset: power.lastReset,
        async change(action, limits) {
          if (action !== 'soft rebooting') return power.change(action, limits);
          await power.change('soft power off', limits);
          return power.change('power on', limits);
        },
      },
      management: ipmiManagement(ipmitool, address),
      virtualMedia: { insert: no('virtual media'), eject: no('virtual media'), inserted: async () => null },
      inspection: { inventory: no('inspection; use inspect_interface agent') },
      sensors: async () => parseSensors(await ipmitool('-c', 'sdr', 'list', 'full')),
      steps: runsSteps('ipmi', ipmiSteps, ipmitool),
      controller: {
        ...lacking('ipmi').controller,
        async reset(warm) {
          await ipmitool('mc', 'reset', warm ? 'warm' : 'cold');
        },
        raw: (bytes) => ipmitool('raw', ...bytes),
      },
      console: { command: async () => ipmiConsole(info) },
    };
  }

  return {
    name: 'ipmi',
    interfaces: {
      bios: ['no-bios'],
      boot: ['ipxe', 'pxe'],
      console: ['no-console', 'ipmitool-socat'],
      deploy: ['direct'],
      firmware: ['no-firmware'],
      inspect: ['agent', 'no-inspect'],
      management: ['ipmitool', 'noop'],
      network: ['flat', 'noop'],
      power: ['ipmitool'],
      raid: ['no-raid', 'agent'],
      rescue: ['no-rescue', 'agent'],
      storage: ['noop'],
      vendor: ['ipmitool', 'no-vendor'],
    },
    steps: ipmiStepsOffered,
    properties: {
      ipmi_terminal_port: 'TCP port of its console. Default: one of the range in the configuration.',
      ipmi_address: 'Host name or IP address of the BMC. Required.',
      ipmi_port: 'UDP port of the BMC. Default 623.',
      ipmi_username: 'User with the right to control the machine. Default: the null user.',
      ipmi_password: 'Password of that user. Default: none.',
      ipmi_priv_level: 'ADMINISTRATOR, OPERATOR, USER or CALLBACK. Default ADMINISTRATOR.',
      ipmi_protocol_version: '2.0 or 1.5. Default 2.0.',
      ipmi_cipher_suite: 'Cipher suite of IPMI 2.0, such as 3 or 17. Default: the best that the BMC offers.',
      ipmi_hex_kg_key: "The BMC's key K_G of IPMI 2.0, in hexadecimal. Default: none.",
      ipmi_bridging: 'no, single or dual: whether the controller stands behind one or two bridges. Default no.',
      ipmi_target_channel: 'Channel of the controller behind a bridge. Required with ipmi_bridging.',
      ipmi_target_address: 'Its address there. Required with ipmi_bridging.',
      ipmi_transit_channel: 'Channel between two bridges. Required with ipmi_bridging dual.',
      ipmi_transit_address: 'Address between two bridges. Required with ipmi_bridging dual.',
      ipmi_local_address: 'Our own address on the bus, with ipmi_bridging. Default 0x20.',
      ipmi_disable_boot_timeout:
        'Whether the BMC is told to keep a boot device that is not used within a minute. Default true.',
      ipmi_force_boot_device:
        'Whether the BMC is told the boot device before each start, because it loses it when the power goes. Default false.',
    },
    validate(info) {
      ipmiAddress(info);
    },
    machine,
    losesBootDevice: (info) => readDriverInfo(info, 'IPMI').flag('ipmi_force_boot_device', false),
    forget(before, after) {
      const key = keyOf(before);
      if (key !== undefined && key !== keyOf(after)) tools.delete(key);
    },
    async close() {
      tools.clear();
    },
  };
}

/** Under which what is kept for a BMC is found; undefined where nothing can be kept. */
function keyOf(info: DriverInfo | undefined): string | undefined {
  if (info === undefined) return undefined;
  try {
    return JSON.stringify(ipmiAddress(info));
  } catch (error) {
    if (error instanceof HardwareError) return undefined;
    throw error;
  }
}
