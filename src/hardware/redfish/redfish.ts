// The `redfish` hardware type: DMTF Redfish over HTTP.
import type { Dispatcher } from 'undici';
import type { DriverInfo, HardwareDriver, Machine } from '../contract.ts';
import { lacking } from '../lacking.ts';
import type { PowerOptions } from '../reach-power.ts';
import { runsSteps } from '../step-table.ts';
import { type RedfishAddress, redfishAddress } from './address.ts';
import { redfishBios } from './bios.ts';
import { type ClientOptions, createDispatcher, createRedfishClient, type RedfishClient } from './client.ts';
import { redfishClock } from './clock.ts';
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
  const clients = new Map<string, RedfishClient>();
  const dispatchers = new Map<RedfishAddress['verify'], Dispatcher>();
  // What was found out about a system's resources is not asked again for every call.
  const systems = new Map<string, SystemAccess>();

  function machine(info: DriverInfo): Machine {
    const address = redfishAddress(info);
    const { origin, username, password, auth, verify } = address;
    // New credentials make a new lane too: what failed with the old ones says nothing about these.
    const key = JSON.stringify([origin, username, password, auth, verify]);
    const dispatcher = dispatchers.get(verify) ?? createDispatcher(verify, options);
    dispatchers.set(verify, dispatcher);
    const client = clients.get(key) ?? createRedfishClient(address, dispatcher, options);
    clients.set(key, client);
    const systemKey = `${key} ${address.systemPath}`;
    const system = systems.get(systemKey) ?? accessSystem(client, address);
    systems.set(systemKey, system);
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
      console: ['no-console'],
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
    },
    validate(info) {
      redfishAddress(info);
    },
    machine,
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()));
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
      dispatchers.clear();
      clients.clear();
      systems.clear();
    },
  };
}
