// Redfish events: their body, and their way to a subscriber.
import type { PowerState } from '../machine/index.ts';
import type { Subscription } from './state.ts';

const messageIds: Readonly<Record<PowerState, string>> = {
  On: 'ResourceEvent.1.3.ResourcePoweredOn',
  Off: 'ResourceEvent.1.3.ResourcePoweredOff',
  PoweringOn: 'ResourceEvent.1.3.ResourcePoweringOn',
  PoweringOff: 'ResourceEvent.1.3.ResourcePoweringOff',
};

/** A subscriber that takes longer than this misses the event. */
const deliveryLimitMs = 5000;

/** The event (Event schema 1.7) that tells of a power state. */
export function powerEvent(id: string, subscription: Subscription, power: PowerState, at: Date): unknown {
  return {
    '@odata.type': '#Event.v1_7_0.Event',
    Id: id,
    Name: 'Power state',
    Context: subscription.context,
    Events: [
      {
        MemberId: '0',
        EventType: 'StatusChange',
        EventId: id,
        EventTimestamp: at.toISOString(),
        MessageSeverity: 'OK',
        Severity: 'OK',
        Message: `The system is ${power}.`,
        MessageId: messageIds[power],
        MessageArgs: ['/redfish/v1/Systems/1'],
        OriginOfCondition: { '@odata.id': '/redfish/v1/Systems/1' },
      },
    ],
  };
}

/** Posts an event to its subscriber. Throws when it cannot be delivered in time. */
export async function sendEvent(subscription: Subscription, event: unknown): Promise<void> {
  const answer = await fetch(subscription.destination, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
    signal: AbortSignal.timeout(deliveryLimitMs),
  });
  await answer.body?.cancel();
}
