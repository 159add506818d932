// The `redfish` hardware type: DMTF Redfish over HTTP.
import type { Dispatcher } from 'undici';
import { type DriverInfo, type HardwareDriver, HardwareError, type Machine } from '../contract.ts';
import { lacking } from '../lacking.ts';
import type { PowerOptions } from '../reach-power.ts';
import { runsSteps } from '../step-table.ts';
import { type RedfishAddress, redfishAddress } from './address.ts';
import { redfishBios } from './bios.ts';
import { type ClientOptions, createDispatcher, createRedfishClient, type RedfishClient } from './client.ts';
import { redfishClock } from './clock.ts';
import { redfishConsole } from './console.ts';
import { redfishEvents } from './events.ts';
import { redfishFirmware } from './firmware.ts';
import { redfishIndicators } from './indicators.ts';
import { redfishInspection } from './inspection.ts';
import { redfishJobQueue } from './job-queue.ts';
import { redfishMaintenance } from './maintenance.ts';
import { redfishManagement } from './management.ts';
import { redfishPower } from './power.ts';
import { redfishRaid } from './raid.ts';
import { redfishSensors } from './sensors.ts';
import { redfishSteps, redfishTable } from './steps.ts';
import { accessSystem, type SystemAccess } from './system.ts';
import { redfishVirtualMedia } from './virtual-media.ts';

export type RedfishOptions = ClientOptions & PowerOptions;

/** The driver keeps one client (one session, one queue, one circuit breaker) for each BMC and set of credentials. */
export function createRedfish(options: RedfishOptions = {}): HardwareDriver {
  const services = new Map<string, Service>();
  const dispatchers = new Map<RedfishAddress['verify'], Dispatcher>();

  function serviceOf(address: RedfishAddress): Service {
    const key = keyOf(address);
    const known = services.get(key);
    if (known) return known;
    const { verify } = address;
    const dispatcher = dispatchers.get(verify) ?? createDispatcher(verify, options);
    dispatchers.set(verify, dispatcher);
    const service = { client: createRedfishClient(address, dispatcher, options), systems: new Map() };
    services.set(key, service);
    return service;
  }

  function machine(info: DriverInfo): Machine {
    const address = redfishAddress(info);
    const { client, systems } = serviceOf(address);
    const system = systems.get(address.systemPath) ?? accessSystem(client, address);
    systems.set(address.systemPath, system);
    const bios = redfishBios(system);
    const raid = redfishRaid(system);
    const firmware = redfishFirmware(system);
    const maintenance = redfishMaintenance(system);
    const clock = redfishClock(system);
    const jobQueue = redfishJobQueue(system);
    return {
      ...lacking('redfish'),
      bios,
      raid,
      firmware,
      steps: runsSteps('redfish', redfishTable, { bios, raid, firmware, maintenance, clock, jobQueue }),
      controller: {
        ...lacking('redfish').controller,
        reset: (warm) => maintenance.reset(warm),
        clock: () => clock.clock(),
        setClock: (at) => clock.setClock(at),
      },
      sensors: () => redfishSensors(system),
      indicators: redfishIndicators(system),
      console: redfishConsole(system, info),
      events: redfishEvents(client),
      power: redfishPower(system, options),
      management: redfishManagement(system),
      virtualMedia: redfishVirtualMedia(system),
      inspection: redfishInspection(system, firmware),
    };
  }

  return {
    name: 'redfish',
    interfaces: {
      bios: ['redfish', 'no-bios'],
      boot: ['ipxe', 'redfish-virtual-media', 'pxe'],
      console: ['no-console', 'ipmitool-socat'],
      deploy: ['direct'],
      firmware: ['redfish', 'no-firmware'],
      inspect: ['redfish', 'agent', 'no-inspect'],
      management: ['redfish', 'noop'],
      network: ['flat', 'noop'],
      power: ['redfish'],
      raid: ['redfish', 'agent', 'no-raid'],
      rescue: ['no-rescue', 'agent'],
      storage: ['noop'],
      vendor: ['redfish', 'no-vendor'],
    },
    steps: redfishSteps,
    properties: {
      redfish_address: 'URL of the BMC; https where no scheme is given. Required.',
      redfish_system_id:
        'Path of the system resource, such as /redfish/v1/Systems/1. Required when the BMC has several.',
      redfish_username: 'User with the right to control the system. Required unless the BMC asks for none.',
      redfish_password: 'Password of that user. Required unless the BMC asks for none.',
      redfish_verify_ca: 'true, false or the path of a certificate to verify the BMC against. Default true.',
      redfish_auth_type: 'auto, session, basic or none. Default auto.',
      ipmi_terminal_port: 'TCP port of its console over IPMI. Default: one of the range in the configuration.',
      ipmi_port: 'UDP port of that console. Default: what the BMC tells, else 623.',
      ipmi_username: 'User of that console. Default: redfish_username.',
      ipmi_password: 'Password of that user. Default: redfish_password.',
    },
    validate(info) {
      redfishAddress(info);
    },
    machine,
    forget(before, after) {
      const key = keyOfInfo(before);
      const service = key === keyOfInfo(after) ? undefined : services.get(key ?? '');
      if (key === undefined || !service) return;
      services.delete(key);
      void service.client.close();
    },
    async close() {
      await Promise.all([...services.values()].map(({ client }) => client.close()));
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
      dispatchers.clear();
      services.clear();
    },
  };
}

/** One BMC with one set of credentials; what was found out about a system's resources is not asked again for every call. */
interface Service {
  readonly client: RedfishClient;
  readonly systems: Map<string | undefined, SystemAccess>;
}

/** New credentials make a new lane too: what failed with the old ones says nothing about these. */
function keyOf({ origin, username, password, auth, verify }: RedfishAddress): string {
  return JSON.stringify([origin, username, password, auth, verify]);
}

/** Undefined where nothing was ever kept for it. */
function keyOfInfo(info: DriverInfo | undefined): string | undefined {
  if (info === undefined) return undefined;
  try {
    return keyOf(redfishAddress(info));
  } catch (error) {
    if (error instanceof HardwareError) return undefined;
    throw error;
  }
}
