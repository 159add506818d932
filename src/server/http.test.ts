// What a listener does with requests before any route sees them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Histogram } from 'prom-client';
import { afterAll, expect, test } from 'vitest';
import { createHttp } from './http.ts';
import { openLog } from './log.ts';

const folder = mkdtempSync(join(tmpdir(), 'server-http-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a path that cannot be decoded reaches its route, which refuses it in the words of its service', async () => {
  const { log } = openLog(folder, 'info');
  const labelNames = ['listener', 'service', 'method', 'status'] as const;
  const durations = new Histogram({ name: 'durations', help: 'of a test', labelNames, registers: [] });
  const app = createHttp({ log, durations, listener: 'api', allowedOrigins: [] });
  app.get('/nodes/:node', (request) => ({ asked: request.params, query: request.query }));
  const asked = async (url: string) => (await app.inject({ url })).json();
  expect(await asked('/nodes/%C3%A9?q=%C3%A9')).toEqual({ asked: { node: 'é' }, query: { q: 'é' } });
  expect(await asked('/nodes/a%ff?q=%C3%A9')).toEqual({ asked: { node: 'a%ff' }, query: { q: 'é' } });
  expect(await asked('/nodes/50%')).toMatchObject({ asked: { node: '50%' } });
  await app.close();
});
