// Measures identity: tokens issued and validated per second, here and at a peer. Run: npx tsx bench/identity.ts [PEER_V3_URL PASSWORD]
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, openDatabase, startEmbeddedPostgres } from '../src/database/index.ts';
import { createIdentity } from '../src/identity/index.ts';
import { serve } from '../src/openstack/testing/index.ts';

const concurrency = 10;
const seconds = 5;

const folder = mkdtempSync(join(tmpdir(), 'undercloud-bench-'));
// The server runs as another user when this runs as root.
chmodSync(folder, 0o755);
const server = await startEmbeddedPostgres({ folder });
const database = openDatabase(server.url);
await migrate(database);
const identity = createIdentity({ database, secret: Buffer.alloc(32, 3) });
await identity.bootstrap({ adminPassword: 'bench', region: 'RegionOne', endpoints: [] });
const http = await serve(identity.api, { authenticate: identity.authenticate });

const own = await measure(`${http.url}/v3`, 'bench');
const [peerUrl, peerPassword] = process.argv.slice(2);
if (peerUrl !== undefined) {
  const peer = await measure(peerUrl, peerPassword ?? '');
  console.log(
    `times the peer: issue ${(own.issue / peer.issue).toFixed(1)}, validate ${(own.validate / peer.validate).toFixed(1)}`,
  );
}
await http.close();
await database.destroy();
await server.stop();
rmSync(folder, { recursive: true, force: true });

async function measure(url: string, password: string): Promise<{ issue: number; validate: number }> {
  const token = await issue(url, password);
  const validateOne = async () => {
    const answer = await fetch(`${url}/auth/tokens`, { headers: { 'x-auth-token': token, 'x-subject-token': token } });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`validation answered ${answer.status}`);
  };
  const result = { issue: await rate(() => issue(url, password)), validate: await rate(validateOne) };
  console.log(`${url}: ${result.issue.toFixed(0)} tokens issued/s, ${result.validate.toFixed(0)} validated/s`);
  return result;
}

async function issue(url: string, password: string): Promise<string> {
  const answer = await fetch(`${url}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name: 'admin', domain: { id: 'default' }, password } } },
        scope: { project: { name: 'admin', domain: { id: 'default' } } },
      },
    }),
  });
  await answer.arrayBuffer();
  const token = answer.headers.get('x-subject-token');
  if (token === null) throw new Error(`login at ${url} answered ${answer.status}`);
  return token;
}

/** Calls per second with several clients at once. */
async function rate(call: () => Promise<unknown>): Promise<number> {
  const until = performance.now() + seconds * 1000;
  let done = 0;
  const client = async () => {
    while (performance.now() < until) {
      await call();
      done++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  return done / seconds;
}
