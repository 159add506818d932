// Lamps of a Redfish machine: of the system, its chassis and its drives.
import type { IndicatorState, Indicators } from '../capabilities.ts';
import { HardwareError } from '../contract.ts';
import { lastSegment, member, type Resource, references, textOf } from './resource.ts';
import type { SystemAccess } from './system.ts';

const leds: Readonly<Record<IndicatorState, string | undefined>> = {
  ON: 'Lit',
  OFF: 'Off',
  BLINKING: 'Blinking',
  UNKNOWN: undefined,
};
const states: readonly IndicatorState[] = ['ON', 'OFF', 'BLINKING'];

interface Lamp {
  readonly component: string;
  readonly id: string;
  readonly path: string;
  readonly body: Resource;
}

const hasLamp = (body: Resource): boolean => 'IndicatorLED' in body || 'LocationIndicatorActive' in body;

export function redfishIndicators({ client, path, read, chassis }: SystemAccess): Indicators {
  async function lamps(): Promise<Lamp[]> {
    const system = await read();
    const paths: [component: string, path: string][] = (await chassis()).map((one) => ['chassis', one]);
    const storage = textOf(member(system, 'Storage'), '@odata.id');
    if (storage !== null) {
      for (const one of references(await client.get(storage)))
        for (const drive of references((await client.get(one)).Drives)) paths.push(['disk', drive]);
    }
    const others = await Promise.all(paths.map(async ([component, at]) => lampOf(component, at, await client.get(at))));
    return [lampOf('system', await path(), system), ...others].filter(({ body }) => hasLamp(body));
  }

  async function find(component: string, id: string): Promise<Lamp> {
    const lamp = (await lamps()).find((one) => one.component === component && one.id === id);
    if (!lamp) throw new HardwareError('unsupported', `This machine has no indicator ${id} of ${component}.`);
    return lamp;
  }

  return {
    list: async () => (await lamps()).map(({ component, id }) => ({ component, id, states })),
    async state(component, id) {
      const { body } = await find(component, id);
      const led = textOf(body, 'IndicatorLED');
      if (led === null && typeof body.LocationIndicatorActive === 'boolean')
        return body.LocationIndicatorActive ? 'BLINKING' : 'OFF';
      return states.find((state) => leds[state] === led) ?? 'UNKNOWN';
    },
    async set(component, id, state) {
      const lamp = await find(component, id);
      const led = leds[state];
      if (led === undefined) throw new HardwareError('misconfigured', `An indicator cannot be set to ${state}.`);
      // IndicatorLED is deprecated by LocationIndicatorActive, which knows only on and off (DSP2046, Resource).
      await client.patch(
        lamp.path,
        'IndicatorLED' in lamp.body ? { IndicatorLED: led } : { LocationIndicatorActive: state !== 'OFF' },
      );
    },
  };
}

function lampOf(component: string, path: string, body: Resource): Lamp {
  return { component, path, body, id: textOf(body, 'Id') ?? lastSegment(path) };
}
