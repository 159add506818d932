// What machines measure: kept in memory for the metrics, told as an event when a sensor's health changes.
import { appendEvent } from '../events/index.ts';
import { HardwareError, type Machine, type Sensor } from '../hardware/index.ts';
import type { Parts } from './parts.ts';
import type { NodeRow } from './store.ts';

export interface NodeSensors {
  readonly node: string;
  readonly name: string | null;
  readonly sensors: readonly Sensor[];
  /** When they were read, in milliseconds since 1970. */
  readonly at: number;
}

export interface SensorReadings {
  /** Reads the sensors of a machine unless they were read lately. */
  read(node: NodeRow, machine: Machine, signal: AbortSignal): Promise<void>;
  /** The node of this machine is gone: also for a reading that is under way. */
  forget(uuid: string): void;
  /** What was read lately, of every machine. */
  all(): NodeSensors[];
}

/** Readings that were not renewed for this many intervals are forgotten. */
const lifetime = 3;

export function createSensorReadings(parts: Pick<Parts, 'database' | 'config'>): SensorReadings {
  const { sensorSyncMs: intervalMs, powerSyncMs: visitMs } = parts.config;
  const readings = new Map<string, NodeSensors>();
  /** When machines were asked last, those without sensors too. */
  const askedAt = new Map<string, number>();

  async function tellChanges(node: NodeRow, before: readonly Sensor[], now: readonly Sensor[]): Promise<void> {
    const changed = healthChanges(before, now);
    if (changed.length === 0) return;
    await parts.database.transaction().execute(async (tx) => {
      for (const { kind, name, from, to } of changed) {
        await appendEvent(tx, {
          kind: 'baremetal.node.sensor_health',
          subject: `node:${node.uuid}`,
          projectId: node.owner,
          payload: { name: node.name, sensor: name, sensor_kind: kind, from, to },
        });
      }
    });
  }

  return {
    async read(node, machine, signal) {
      // Read now what would be overdue by more at the next visit than it is early at this one.
      if (intervalMs === 0 || Date.now() - (askedAt.get(node.uuid) ?? 0) < intervalMs - visitMs / 2) return;
      const asked = Date.now();
      askedAt.set(node.uuid, asked);
      const forgotten = () => askedAt.get(node.uuid) !== asked;
      try {
        const sensors = await machine.sensors();
        if (signal.aborted || forgotten()) return;
        await tellChanges(node, readings.get(node.uuid)?.sensors ?? [], sensors);
        if (forgotten()) return;
        readings.set(node.uuid, { node: node.uuid, name: node.name, sensors, at: Date.now() });
      } catch (error) {
        // What is wrong with a BMC is told by its power; what it cannot measure is not missed.
        if (!(error instanceof HardwareError)) throw error;
      }
    },
    forget(uuid) {
      readings.delete(uuid);
      askedAt.delete(uuid);
    },
    all() {
      const oldest = Date.now() - intervalMs * lifetime;
      for (const [node, { at }] of readings) if (at < oldest) readings.delete(node);
      for (const [node, at] of askedAt) if (at < oldest) askedAt.delete(node);
      return [...readings.values()];
    },
  };
}

export interface HealthChange {
  readonly kind: string;
  readonly name: string;
  readonly from: Sensor['health'];
  readonly to: Sensor['health'];
}

/** Sensors that have become worse or well; one not seen before counts as well. */
export function healthChanges(before: readonly Sensor[], now: readonly Sensor[]): HealthChange[] {
  const was = new Map(before.map((sensor) => [`${sensor.kind}/${sensor.name}`, sensor.health ?? 'ok']));
  return now.flatMap(({ kind, name, health }) => {
    const from = was.get(`${kind}/${name}`) ?? 'ok';
    return health === null || health === from ? [] : [{ kind, name, from, to: health }];
  });
}
