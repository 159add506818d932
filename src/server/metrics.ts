// What the program tells a Prometheus about itself.
import { sql } from 'kysely';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { NodeSensors } from '../baremetal/index.ts';
import type { Database } from '../database/index.ts';

export interface Metrics {
  readonly durations: Histogram<'listener' | 'service' | 'method' | 'status'>;
  /** The exposition text and its content type. */
  render(): Promise<{ text: string; contentType: string }>;
}

/** `sensors`: what machines measure, read anew for each exposition. */
export function createMetrics(database: Database, sensors: () => readonly NodeSensors[]): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'undercloud_http_request_duration_seconds',
    help: 'Time from the request to the end of its answer',
    labelNames: ['listener', 'service', 'method', 'status'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers: [registry],
  });
  new Gauge({
    name: 'undercloud_operations',
    help: 'Operations by kind and state',
    labelNames: ['kind', 'state'],
    registers: [registry],
    async collect() {
      const rows = await sql<{
        kind: string;
        state: string;
        count: number;
      }>`select kind, state, count(*) as count from operations group by kind, state`.execute(database);
      this.reset();
      for (const { kind, state, count } of rows.rows) this.set({ kind, state }, count);
    },
  });
  return {
    durations,
    render: async () => ({
      text: `${await registry.metrics()}\n${sensorLines(sensors())}`,
      contentType: registry.contentType,
    }),
  };
}

const healthValues = { ok: 0, warning: 1, critical: 2 } as const;

/** Series of all sensors. Written by hand: thousands of machines have more of them than the registry holds in reasonable time. */
export function sensorLines(machines: readonly NodeSensors[]): string {
  const values = ['# HELP undercloud_sensor What a sensor of a machine reads', '# TYPE undercloud_sensor gauge'];
  const healths = [
    '# HELP undercloud_sensor_health Health of a sensor of a machine: 0 ok, 1 warning, 2 critical',
    '# TYPE undercloud_sensor_health gauge',
  ];
  const times = [
    '# HELP undercloud_sensors_read_timestamp_seconds When the sensors of a machine were read',
    '# TYPE undercloud_sensors_read_timestamp_seconds gauge',
  ];
  for (const { node, name, sensors, at } of machines) {
    const machine = `node="${node}",name="${escaped(name ?? '')}"`;
    times.push(`undercloud_sensors_read_timestamp_seconds{${machine}} ${at / 1000}`);
    for (const { kind, name: sensor, unit, value, health } of sensors) {
      const labels = `{${machine},kind="${escaped(kind)}",sensor="${escaped(sensor)}",unit="${escaped(unit ?? '')}"}`;
      if (value !== null) values.push(`undercloud_sensor${labels} ${value}`);
      if (health !== null) healths.push(`undercloud_sensor_health${labels} ${healthValues[health]}`);
    }
  }
  return `${[...values, ...healths, ...times].join('\n')}\n`;
}

/** A label's value in the exposition format. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
