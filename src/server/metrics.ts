// What the program tells a Prometheus about itself.
import { sql } from 'kysely';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from '../database/index.ts';

export interface Metrics {
  readonly durations: Histogram<'listener' | 'service' | 'method' | 'status'>;
  /** The exposition text and its content type. */
  render(): Promise<{ text: string; contentType: string }>;
}

export function createMetrics(database: Database): Metrics {
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
  return { durations, render: async () => ({ text: await registry.metrics(), contentType: registry.contentType }) };
}
