// The deploy agent over TLS: whom it trusts, what it shows of itself, what a call costs.
import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { memoryMachine } from '../../baremetal/testing/memory-machine.ts';
import { createAuthority, issueCertificate } from '../certificate/index.ts';
import { systemClock } from '../clock.ts';
import { type Loopback, listenOnLoopback } from '../testing/loopback.ts';
import { type DeployAgent, startDeployAgent } from './agent.ts';
import { authorityOf, parseCommandLine } from './command-line.ts';

const authority = createAuthority('undercloud');
const calls: { readonly path: string; readonly resumed: boolean; readonly body: string }[] = [];
const log: string[] = [];
let server: Loopback;
let agent: DeployAgent | undefined;

beforeEach(async () => {
  calls.length = 0;
  log.length = 0;
  server = await listenOnLoopback(
    ({ url = '', socket }, response, body) => {
      const resumed = (socket as TLSSocket).isSessionReused();
      calls.push({ path: url.replace(/\?.*/, ''), resumed, body });
      if (!url.startsWith('/v1/lookup')) return response.writeHead(202).end();
      return response.end(
        JSON.stringify({ node: { uuid: 'n' }, config: { heartbeat_timeout: 0.1, agent_token: 't' } }),
      );
    },
    issueCertificate(authority, 'server', ['127.0.0.1']),
  );
});
afterEach(async () => {
  await agent?.stop();
  agent = undefined;
  await server.close();
});

async function start(trusted: string): Promise<void> {
  const base64 = trusted.replace(/-----.*?-----|\n/g, '');
  const machine = memoryMachine({ mac: '52:54:00:00:00:01', effects: [], written: [], left: [], end: async () => {} });
  agent = await startDeployAgent({
    apiUrl: server.url,
    authority: authorityOf(parseCommandLine(`quiet undercloud.ca=${base64} x=y`)),
    machine,
    clock: systemClock,
    listen: { host: '127.0.0.1', port: 0 },
    log: (line) => {
      log.push(line);
      server.notify();
    },
  });
}

test('resumes its TLS session from call to call', async () => {
  await start(authority.certificate);
  await server.until(() => calls.length >= 4);
  expect(calls.slice(0, 4).map(({ path, resumed }) => [path, resumed])).toEqual([
    ['/v1/lookup', false],
    ['/v1/heartbeat/n', true],
    ['/v1/heartbeat/n', true],
    ['/v1/heartbeat/n', true],
  ]);
});

test('announces its certificate, and takes commands over TLS with that one only', async () => {
  await start(authority.certificate);
  await server.until(() => calls.length >= 2);
  const { callback_url: url, agent_verify_ca: ca } = JSON.parse(calls[1]?.body ?? '{}');
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  const status = (trusted: string) =>
    new Promise((resolve) => {
      const call = request(`${url}/v1/status`, { ca: trusted, agent: false }, (answer) => resolve(answer.statusCode));
      call.on('error', (error) => resolve(error.message));
      call.end();
    });
  expect(await status(ca)).toBe(200);
  expect(await status(authority.certificate)).toMatch(/self-signed/);
});

test('tells nothing to a server that another authority vouches for', async () => {
  await start(createAuthority('undercloud').certificate);
  await server.until(() => log.some((line) => /lookup: .*certificate/.test(line)));
  expect(calls).toEqual([]);
});
