// Redfish's event service: subscribers are told of every change of the power state.
import { randomUUID } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import type { Bmc } from './bmc.ts';
import { checkProperties } from './body.ts';
import { fault } from './messages.ts';
import { collection, healthy, link, resource, root } from './resources.ts';
import { type Answer, done, ok, type RedfishRequest } from './router.ts';
import type { Subscription } from './state.ts';

const service = `${root}/EventService`;
const path = (id: string): string => `${service}/Subscriptions/${id}`;

export const getEventService = (): Answer =>
  ok({
    ...resource(service, 'EventService.v1_7_0.EventService', 'EventService', 'Event service'),
    ServiceEnabled: true,
    DeliveryRetryAttempts: 0,
    EventFormatTypes: ['Event'],
    RegistryPrefixes: ['ResourceEvent'],
    ResourceTypes: ['ComputerSystem'],
    Status: healthy,
    Subscriptions: link(`${service}/Subscriptions`),
    Actions: { '#EventService.SubmitTestEvent': { target: `${service}/Actions/EventService.SubmitTestEvent` } },
  });

export const listSubscriptions = (bmc: Bmc): Answer =>
  ok(
    collection(
      `${service}/Subscriptions`,
      'EventDestinationCollection',
      'Subscriptions',
      bmc.state.subscriptions.map((one) => path(one.id)),
    ),
  );

const body = (subscription: Subscription): Record<string, unknown> => ({
  ...resource(path(subscription.id), 'EventDestination.v1_9_0.EventDestination', subscription.id, 'Subscription'),
  Destination: subscription.destination,
  Context: subscription.context,
  Protocol: 'Redfish',
  EventFormatType: 'Event',
  SubscriptionType: 'RedfishEvent',
});

const NewSubscription = Type.Object(
  {
    Destination: Type.String({ pattern: '^https?://' }),
    Protocol: Type.Literal('Redfish'),
    Context: Type.Optional(Type.String({ maxLength: 1024 })),
    EventTypes: Type.Optional(Type.Array(Type.String())),
    RegistryPrefixes: Type.Optional(Type.Array(Type.String())),
    ResourceTypes: Type.Optional(Type.Array(Type.String())),
    EventFormatType: Type.Optional(Type.Literal('Event')),
    SubscriptionType: Type.Optional(Type.Literal('RedfishEvent')),
    DeliveryRetryPolicy: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

export async function subscribe(bmc: Bmc, request: RedfishRequest): Promise<Answer> {
  const wanted = checkProperties(NewSubscription, request.body, {});
  const subscription = { id: randomUUID(), destination: wanted.Destination, context: wanted.Context ?? '' };
  bmc.change({ subscriptions: [...bmc.state.subscriptions, subscription] });
  return { status: 201, body: body(subscription), headers: { Location: path(subscription.id) } };
}

function find(bmc: Bmc, request: RedfishRequest): Subscription {
  const subscription = bmc.state.subscriptions.find((one) => one.id === request.path.id);
  if (!subscription) throw fault('ResourceMissingAtURI', [request.uri]);
  return subscription;
}

export const getSubscription = (bmc: Bmc, request: RedfishRequest): Answer => ok(body(find(bmc, request)));

export async function unsubscribe(bmc: Bmc, request: RedfishRequest): Promise<Answer> {
  const gone = find(bmc, request);
  bmc.change({ subscriptions: bmc.state.subscriptions.filter((one) => one !== gone) });
  return done;
}

/** Sends every subscriber the present power state. */
export function testEvent(bmc: Bmc): Answer {
  for (const subscription of bmc.state.subscriptions) bmc.notify(subscription, bmc.machine.power());
  return done;
}
