// Event subscriptions of a Redfish service (EventService, DSP0266 clause 12).
import type { EventSubscription, Events } from '../capabilities.ts';
import { HardwareError } from '../contract.ts';
import type { RedfishClient } from './client.ts';
import { lastSegment, member, type Resource, references, textOf } from './resource.ts';

export function redfishEvents(client: RedfishClient): Events {
  async function collection(): Promise<string> {
    const service = textOf(member(await client.get('/redfish/v1'), 'EventService'), '@odata.id');
    const path = service && textOf(member(await client.get(service), 'Subscriptions'), '@odata.id');
    if (!path) throw new HardwareError('unsupported', 'This BMC sends no events.');
    return path;
  }
  return {
    async list() {
      const paths = references(await client.get(await collection()));
      return Promise.all(paths.map(async (path) => subscriptionOf(await client.get(path), path)));
    },
    async subscribe({ destination, context = '' }) {
      const reply = await client.post(await collection(), {
        Destination: destination,
        Context: context,
        Protocol: 'Redfish',
      });
      const path = reply.location ?? textOf(reply.body, '@odata.id');
      if (path === null) throw new HardwareError('refused', 'The BMC does not say which subscription it has made.');
      return subscriptionOf(await client.get(path), path);
    },
    async unsubscribe(id) {
      const path = references(await client.get(await collection())).find((one) => lastSegment(one) === id);
      if (path !== undefined) await client.delete(path);
    },
  };
}

function subscriptionOf(body: Resource, path: string): EventSubscription {
  return {
    id: textOf(body, 'Id') ?? lastSegment(path),
    destination: textOf(body, 'Destination') ?? '',
    context: textOf(body, 'Context') ?? '',
    protocol: textOf(body, 'Protocol') ?? 'Redfish',
  };
}
