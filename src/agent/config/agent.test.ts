// The in-machine agent against a server on loopback, below a temporary root.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Clock, systemClock } from '../clock.ts';
import { buildConfigDrive } from '../config-drive/contents.ts';
import { configurationDigest } from '../digest.ts';
import { agentReport, deploymentLog, deploymentSignal } from '../protocol.ts';
import { type ConfigAgent, createConfigAgent } from './agent.ts';
import { pathsUnder } from './paths.ts';
import { statusText } from './status.ts';
import { type MetadataServer, startMetadataServer } from './testing/metadata-server.ts';

let root: string;
let server: MetadataServer;
let stop: AbortController;
let running: Promise<void> | undefined;
// Retries come at once; held requests and long waits stay.
const clock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms < 60_000 ? Math.min(ms, 20) : ms, signal),
};

function put(path: string, text: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), mode);
}
const text = (path: string) => readFileSync(join(root, path), 'utf8');

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'config-agent-'));
  server = await startMetadataServer({});
  stop = new AbortController();
  running = undefined;
  const request = { metadata_url: `${server.url}/metadata` };
  const vendor = { 'os-collect-config': { collectors: ['request', 'local'], request } };
  put('dev/disk/by-label/config-2', buildConfigDrive({ meta_data: { uuid: 'u' }, vendor_data: vendor }));
  put('proc/sys/kernel/random/boot_id', 'boot-1\n');
});
afterEach(async () => {
  stop.abort();
  await running;
  await server.close();
  rmSync(root, { recursive: true });
});

const create = (): Promise<ConfigAgent> =>
  createConfigAgent({ paths: pathsUnder(root), env: process.env, clock, log: () => {} });
async function run(): Promise<void> {
  running = (await create()).run(stop.signal);
}

const script = (id: string, config: string, inputs: Record<string, unknown> = {}, more: object = {}) => ({
  id,
  name: id,
  group: 'script',
  config,
  inputs: Object.entries({ deploy_signal_id: `${server.url}/signal/${id}`, ...inputs }).map(([name, value]) => ({
    name,
    value,
  })),
  outputs: [{ name: 'result' }],
  ...more,
});

it('runs a script with its inputs and sends back its outputs, streams and status', async () => {
  const config = '#!/bin/sh\necho "to $where"\necho "$list" >&2\nprintf done > $heat_outputs_path.result\nexit 3\n';
  server.set({ deployments: [script('d1', config, { where: 'there', list: [1, { a: 2 }] })] });
  await run();
  await server.until(() => server.signals.length > 0);
  expect(server.signals[0]).toEqual({
    path: '/signal/d1',
    body: { deploy_stdout: 'to there\n', deploy_stderr: '[1,{"a":2}]\n', deploy_status_code: 3, result: 'done' },
  });
});

it('holds its request open and acts at once on what is new', async () => {
  await run();
  await server.until(() => server.held.length > 0);
  expect(server.held[0]).toBe('wait=60');
  server.set({ deployments: [script('late', '#!/bin/sh\necho late\n')] });
  await server.until(() => server.signals.length > 0);
  expect(server.signals[0]?.body).toMatchObject({ deploy_stdout: 'late\n', deploy_status_code: 0 });
});

it('reports the digest of the configuration that it has settled on', async () => {
  const metadata = { deployments: [], b: { y: 1, x: [2] }, a: 1 };
  server.set(metadata);
  await run();
  await server.until(() => server.reports.some((report) => report.phase === 'settled'));
  expect(server.reports.at(-1)).toMatchObject({
    digest: configurationDigest({ a: 1, b: { x: [2], y: 1 }, deployments: [] }),
    agent_version: expect.stringContaining('undercloud'),
    boot_id: 'boot-1',
  });
  expect(server.reports.at(-1)?.digest).toBe(configurationDigest(metadata));
});

it('runs a deployment once, even through a restart and a reboot, and again when its config changes', async () => {
  const line = `#!/bin/sh\necho ran >> ${root}/ran\n`;
  server.set({ deployments: [script('d1', line)] });
  expect(await (await create()).once(stop.signal)).toBe(true);
  put('proc/sys/kernel/random/boot_id', 'boot-2\n');
  expect(await (await create()).once(stop.signal)).toBe(true);
  server.set({ deployments: [script('d1', line, { deploy_signal_id: `${server.url}/signal/resigned` })] });
  await (await create()).once(stop.signal);
  expect(text('ran')).toBe('ran\n');
  server.set({ deployments: [script('d1', `${line}#\n`)] });
  await (await create()).once(stop.signal);
  expect(text('ran')).toBe('ran\nran\n');
});

it('sends a result until it is acknowledged, also by the next agent', async () => {
  server.set({ deployments: [script('d1', '#!/bin/sh\necho once\n')] });
  server.signalStatuses.push(503, 500, 503);
  await (await create()).once(stop.signal);
  expect(server.signals).toHaveLength(1);
  server.signalStatuses.push(...Array.from({ length: 1000 }, () => 503));
  server.set({ deployments: [script('d2', '#!/bin/sh\necho twice\n')] });
  const early = new AbortController();
  const first = (await create()).once(early.signal);
  await server.until(() => server.signalStatuses.length < 999);
  early.abort();
  await first;
  server.signalStatuses.length = 0;
  server.set({ deployments: [] });
  await (await create()).once(stop.signal);
  expect(server.signals.map((signal) => signal.body.deploy_stdout)).toEqual(['once\n', 'twice\n']);
});

it('stops sending a result that nobody waits for any more', async () => {
  server.set({ deployments: [script('d1', '#!/bin/sh\n')] });
  server.signalStatuses.push(404);
  await (await create()).once(stop.signal);
  expect(server.signals).toHaveLength(0);
  expect(JSON.parse(await statusText(pathsUnder(root)))).toMatchObject({
    deployments: [{ id: 'd1', state: 'acknowledged', status: 0 }],
  });
});

it('runs again a deployment that a crash cut short', async () => {
  const path = 'var/lib/undercloud-agent/deployments/d1.json';
  server.set({ deployments: [script('d1', '#!/bin/sh\necho ran\n')] });
  await (await create()).once(stop.signal);
  put(path, JSON.stringify({ ...JSON.parse(text(path)), state: 'started', result: undefined }));
  put('proc/sys/kernel/random/boot_id', 'boot-2\n');
  await (await create()).once(stop.signal);
  expect(server.signals).toHaveLength(2);
});

it('streams output while a deployment runs, where the server takes it', async () => {
  const wait = `while [ ! -e ${root}/go ]; do :; done`;
  server.set({
    deployments: [
      script('d1', `#!/bin/sh\necho begun\n${wait}\necho ended\n`, { deploy_log_url: `${server.url}/log` }),
    ],
  });
  await run();
  await server.until(() => server.logs.length > 0);
  expect(server.logs[0]).toEqual({ id: 'd1', stream: 'stdout', offset: 0, text: 'begun\n' });
  put('go', '');
  await server.until(() => server.signals.length > 0);
  expect(server.logs.map((log) => log.text).join('')).toBe('begun\nended\n');
});

it('ends a deployment at its own deadline, with its children', async () => {
  const config = '#!/bin/sh\necho started\nsleep 1000\n';
  server.set({ deployments: [script('d1', config, {}, { options: { timeout: 0.2 } })] });
  await (await create()).once(stop.signal);
  expect(server.signals[0]?.body).toMatchObject({ deploy_stdout: 'started\n', deploy_status_code: 124 });
});

it('takes the result of a script that leaves a service running behind it', async () => {
  server.set({ deployments: [script('d1', '#!/bin/sh\nsleep 30 &\necho started\n')] });
  await (await create()).once(stop.signal);
  expect(server.signals[0]?.body).toMatchObject({ deploy_stdout: 'started\n', deploy_status_code: 0 });
});

it('gives other groups to the hook that the image brings, by heat-config contract', async () => {
  const hook = `#!/usr/bin/env node
const c = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify({ deploy_stdout: c.config.task, deploy_stderr: '', deploy_status_code: 0, result: c.inputs.length }));
`;
  put('usr/libexec/heat-config/hooks/ansible', hook, 0o755);
  server.set({
    deployments: [
      { ...script('d1', ''), group: 'ansible', config: { task: 'ping' } },
      { ...script('d2', ''), group: 'chef' },
    ],
  });
  await (await create()).once(stop.signal);
  expect(server.signals.map((signal) => signal.body)).toMatchObject([
    { deploy_stdout: 'ping', result: 1, deploy_status_code: 0 },
    { deploy_status_code: 1, deploy_stderr: expect.stringContaining('no hook for group chef') },
  ]);
});

it('renders templates with the data deployments, runs the phases in order and then calls those deployments done', async () => {
  put('usr/libexec/os-apply-config/templates/etc/app.conf', 'port={{app.port}} name={{app.name}}\n');
  put('var/lib/os-collect-config/local-data/10.json', JSON.stringify({ app: { name: 'local' } }));
  for (const phase of ['pre-configure', 'configure', 'post-configure', 'migration']) {
    put(
      `usr/libexec/os-refresh-config/${phase}.d/10-note`,
      `#!/bin/sh\necho ${phase} $SITE >> ${root}/phases\n`,
      0o755,
    );
    put(`usr/libexec/os-refresh-config/${phase}.d/20-not-executable`, 'exit 1\n');
  }
  put('usr/libexec/os-refresh-config/environment.d/site', 'SITE=north\n');
  put('usr/libexec/os-refresh-config/pre-configure.d/05-before', `#!/bin/sh\ntest ! -e ${root}/etc/app.conf\n`, 0o755);
  put('usr/libexec/os-refresh-config/configure.d/05-after', `#!/bin/sh\ntest -e ${root}/etc/app.conf\n`, 0o755);
  const data = { ...script('d1', ''), group: 'os-apply-config', config: { app: { port: { get_input: 'port' } } } };
  server.set({
    app: { port: 1, name: 'request' },
    deployments: [{ ...data, inputs: [...data.inputs, { name: 'port', value: 8080 }] }],
  });
  expect(await (await create()).once(stop.signal)).toBe(true);
  expect(text('etc/app.conf')).toBe('port=8080 name=local\n');
  expect(text('phases')).toBe('pre-configure north\nconfigure north\npost-configure north\nmigration north\n');
  expect(server.signals[0]?.body).toMatchObject({ deploy_status_code: 0 });
});

it('reports a failed phase with its output, keeps data deployments open and tries again', async () => {
  put(
    'usr/libexec/os-refresh-config/configure.d/10-fails',
    `#!/bin/sh\necho broken\ntest -e ${root}/repaired\n`,
    0o755,
  );
  put('usr/libexec/os-refresh-config/error.d/10-note', `#!/bin/sh\necho told >> ${root}/errors\n`, 0o755);
  server.set({ deployments: [{ ...script('d1', ''), group: 'os-apply-config', config: {} }] });
  await run();
  await server.until(() => server.reports.some((report) => report.phase === 'failed'));
  expect(server.reports.find((report) => report.phase === 'failed')?.error).toContain('broken');
  expect(server.signals).toHaveLength(0);
  expect(existsSync(join(root, 'errors'))).toBe(true);
  put('repaired', '');
  await server.until(() => server.signals.length > 0);
});

it('waits for a config drive that appears late, and finds it before udev has named it', async () => {
  const drive = readFileSync(join(root, 'dev/disk/by-label/config-2'));
  rmSync(join(root, 'dev/disk'), { recursive: true });
  const creating = create();
  put('dev/vda6', drive);
  put('sys/class/block/vda6/uevent', 'DEVTYPE=partition\nPARTNAME=config-2\n');
  await (await creating).once(stop.signal);
  expect(server.reports.at(-1)?.phase).toBe('settled');
});

it('does nothing for what it already runs', async () => {
  put('usr/libexec/os-refresh-config/configure.d/10-note', `#!/bin/sh\necho ran >> ${root}/ran\n`, 0o755);
  server.set({ a: 1 });
  await (await create()).once(stop.signal);
  await (await create()).once(stop.signal);
  expect(text('ran')).toBe('ran\n');
  await (await create()).once(stop.signal, true);
  expect(text('ran')).toBe('ran\nran\n');
});

it('starts with what it knew when no server answers', async () => {
  put('usr/libexec/os-apply-config/templates/etc/known', '{{known}}');
  server.set({ known: 'yes' });
  await (await create()).once(stop.signal);
  await server.close();
  rmSync(join(root, 'etc/known'));
  put('proc/sys/kernel/random/boot_id', 'boot-2\n');
  const again = new AbortController();
  const once = (await create()).once(again.signal);
  await expect.poll(() => existsSync(join(root, 'etc/known'))).toBe(true);
  again.abort();
  expect(await once).toBe(true);
  server = await startMetadataServer({});
});

it('goes to another server when the first is gone, and learns of servers from the metadata', async () => {
  const other = await startMetadataServer({ known: 'other' });
  server.set({
    'os-collect-config': { request: { metadata_url: [`${other.url}/metadata`, `${server.url}/metadata`] } },
  });
  await run();
  await server.until(() => server.held.length > 0);
  await server.close();
  const digest = configurationDigest({ known: 'other' });
  await other.until(() => other.reports.some((report) => report.phase === 'settled' && report.digest === digest));
  stop.abort();
  await running;
  await other.close();
  server = await startMetadataServer({});
});

it('says nothing but what the protocol declares', async () => {
  put('usr/libexec/os-refresh-config/migration.d/10-fails', '#!/bin/sh\nexit 1\n', 0o755);
  server.set({ deployments: [script('d1', '#!/bin/sh\necho told\n', { deploy_log_url: `${server.url}/log` })] });
  await run();
  await server.until(() => server.reports.some((report) => report.phase === 'failed') && server.signals.length > 0);
  const faults = [
    ...server.reports.flatMap((report) => [...Value.Errors(agentReport, report)]),
    ...server.signals.flatMap((signal) => [...Value.Errors(deploymentSignal, signal.body)]),
    ...server.logs.flatMap((log) => [...Value.Errors(deploymentLog, log)]),
  ];
  expect(faults).toEqual([]);
});
