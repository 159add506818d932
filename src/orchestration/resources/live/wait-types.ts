// Wait conditions: a handle that machines signal, and a resource that is complete when enough signals have come.
import type { Database } from '../../../database/index.ts';
import { OperationFailed } from '../../../operations/index.ts';
import { errors } from '../../errors.ts';
import type { Channels } from '../../software-config/channel.ts';
import { stackTables } from '../../stack/store.ts';
import type { DurableType, ImmediateType, Properties } from './contract.ts';

const lookAgainMs = 30_000;

interface Signal {
  readonly status: string;
  readonly reason: string;
  readonly data: unknown;
}

/** OS::Heat::WaitConditionHandle: its signals are kept as its metadata, by id. */
export function waitHandleType(channels: Channels): ImmediateType {
  return {
    kind: 'immediate',
    async create(_tx, place, properties) {
      const url = channels.url('resource', place.id);
      const none = properties.signal_transport === 'NO_SIGNAL';
      const call = `curl -i -X POST -H 'Content-Type: application/json' -H 'Accept: application/json' ${url}`;
      return {
        physicalId: place.id,
        attributes: none
          ? {}
          : { endpoint: url, token: '', curl_cli: call, signal: JSON.stringify({ alarm_url: url }) },
      };
    },
    signal(metadata, details) {
      const unknown = Object.keys(details).find((key) => !['status', 'reason', 'data', 'id'].includes(key));
      const status = String(details.status ?? 'SUCCESS').toUpperCase();
      if (unknown !== undefined) throw errors.BadSignal(`unknown field ${unknown}`);
      if (status !== 'SUCCESS' && status !== 'FAILURE')
        throw errors.BadSignal(`status ${status} is neither SUCCESS nor FAILURE`);
      const count = Object.keys(metadata).length + 1;
      const id = String(details.id ?? count);
      const reason = String(details.reason ?? `Signal ${count} received`);
      const signal: Signal = { status, reason, data: details.data ?? null };
      return { answer: `status:${status} reason:${reason}`, metadata: { ...metadata, [id]: signal } };
    },
  };
}

/** OS::Heat::WaitCondition. */
export function waitConditionType(database: Database): DurableType {
  const signals = async (handle: string): Promise<Record<string, Signal>> => {
    const row = await stackTables(database)
      .selectFrom('resources')
      .select('metadata')
      .where('physical_id', '=', handle)
      .executeTakeFirst();
    if (!row) throw new OperationFailed(`wait condition handle ${handle} could not be found`, '');
    return Object.fromEntries(Object.entries(row.metadata).map(([id, value]) => [id, toSignal(value)]));
  };
  return {
    kind: 'durable',
    deadlineMs: 13 * 3_600_000,
    async create(operation, place, properties) {
      const handle = String(properties.handle);
      const wanted = Number(properties.count ?? 1);
      const until = await operation.step(
        'look at the clock',
        async () => Date.now() + Number(properties.timeout) * 1000,
      );
      for (;;) {
        const seen = await operation.step('look at the signals', async () => {
          const all = await signals(handle);
          const failed = Object.values(all).find((signal) => signal.status === 'FAILURE');
          const data = JSON.stringify(Object.fromEntries(Object.entries(all).map(([id, signal]) => [id, signal.data])));
          return { count: Object.keys(all).length, failure: failed?.reason ?? null, data, left: until - Date.now() };
        });
        if (seen.failure !== null) throw new OperationFailed(`WaitConditionFailure: ${seen.failure}`, '');
        if (seen.count >= wanted) return { physicalId: place.id, attributes: { data: seen.data } };
        if (seen.left <= 0) throw new OperationFailed(`WaitConditionTimeout: ${seen.count} of ${wanted} received`, '');
        await operation.waitFor('signal', {
          reason: `waiting for signals: ${seen.count} of ${wanted} received`,
          timeoutMs: Math.min(seen.left, lookAgainMs),
        });
      }
    },
    update: async (_operation, _place, _properties, before) => before,
    check: async (_operation, _place, before) => before,
    async delete() {},
  };
}

function toSignal(value: unknown): Signal {
  const map: Properties = typeof value === 'object' && value !== null ? { ...value } : {};
  return { status: String(map.status), reason: String(map.reason), data: map.data ?? null };
}
