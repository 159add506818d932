// What the network service says of ports that machines use: kept as events, for whoever watches.
import { type Static, Type } from '@sinclair/typebox';
import { appendEvent } from '../events/index.ts';
import { type Answer, type ApiRequest, empty } from '../openstack/index.ts';
import { isUuid, macAddress } from './document/names.ts';
import { errors } from './errors.ts';
import type { Parts } from './parts.ts';

const text = Type.String({ minLength: 1, maxLength: 255 });
export const eventsSchema = Type.Object(
  {
    events: Type.Array(
      Type.Object(
        {
          event: Type.Union(
            ['network.bind_port', 'network.unbind_port', 'network.delete_port'].map((name) => Type.Literal(name)),
          ),
          port_id: text,
          mac_address: text,
          status: text,
          device_id: Type.Optional(Type.Union([text, Type.Null()])),
          'binding:host_id': Type.Optional(Type.Union([text, Type.Null()])),
          'binding:vnic_type': Type.Optional(Type.Union([text, Type.Null()])),
        },
        { additionalProperties: false },
      ),
      { minItems: 1 },
    ),
  },
  { additionalProperties: false },
);

export function networkEvents({ database }: Pick<Parts, 'database'>) {
  return async ({ body, context }: ApiRequest<unknown, Static<typeof eventsSchema>>): Promise<Answer> => {
    const events = body.events.map((one) => {
      if (!isUuid(one.port_id)) throw errors.InvalidUuid(one.port_id);
      return { ...one, mac_address: macAddress(one.mac_address) };
    });
    await database.transaction().execute(async (tx) => {
      for (const { event, port_id: port, ...payload } of events) {
        await appendEvent(tx, {
          kind: `baremetal.${event}`,
          subject: `port:${port}`,
          requestId: context.requestId,
          payload,
        });
      }
    });
    return empty(204);
  };
}
