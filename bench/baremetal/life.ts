// The life of fake nodes over the Bare Metal API: enrolled, brought to active, listed, taken down and deleted.
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';

/** A stage or a request, with what it took. */
export interface Took {
  readonly what: string;
  /** Seconds of a stage for all nodes, or the median of a request. */
  readonly seconds: number;
  /** Nodes that the stage was for; absent for a request. */
  readonly nodes?: number;
}

const atOnce = 10;
const pollMs = 500;
const retryMs = 200;
const headers = {
  'x-openstack-ironic-api-version': '1.82',
  'x-auth-token': 'admin',
  'content-type': 'application/json',
};

/** What each stage and request took, in order. Throws when a node fails. */
export async function live(origin: string, count: number): Promise<Took[]> {
  const dispatcher = new Agent({ connections: atOnce, headersTimeout: 120_000 });
  const uuids = Array.from({ length: count }, () => randomUUID());
  const took: Took[] = [];

  async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    for (;;) {
      const answer = await request(`${origin}${path}`, {
        method,
        dispatcher,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      if (answer.statusCode < 300) return text === '' ? undefined : JSON.parse(text);
      // The node is locked, or no worker is free: clients try again.
      if (answer.statusCode !== 409 && answer.statusCode !== 503)
        throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
      await wait(retryMs);
    }
  }
  async function each(run: (uuid: string) => Promise<unknown>): Promise<void> {
    const queue = [...uuids];
    const work = async () => {
      for (let uuid = queue.shift(); uuid !== undefined; uuid = queue.shift()) await run(uuid);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }
  async function until(state: string): Promise<void> {
    for (;;) {
      const list = '/v1/nodes?limit=10000&fields=uuid,provision_state,last_error';
      const { nodes }: { nodes: { provision_state: string; last_error: string }[] } = Object(await call('GET', list));
      const failed = nodes.find((node) => /failed|error/.test(node.provision_state));
      if (failed) throw new Error(`a node is ${failed.provision_state}: ${failed.last_error}`);
      if (nodes.every((node) => node.provision_state === state)) return;
      await wait(pollMs);
    }
  }
  async function stage(what: string, run: (uuid: string) => Promise<unknown>, state?: string): Promise<void> {
    const began = performance.now();
    await each(run);
    if (state !== undefined) await until(state);
    took.push({ what, seconds: (performance.now() - began) / 1000, nodes: count });
  }
  async function ask(what: string, times: number, path: string): Promise<void> {
    const seconds: number[] = [];
    for (let nth = 0; nth < times; nth++) {
      const began = performance.now();
      await call('GET', path);
      seconds.push((performance.now() - began) / 1000);
    }
    took.push({ what, seconds: seconds.toSorted((a, b) => a - b)[times >> 1] ?? Number.NaN });
  }
  const verb = (target: string) => (uuid: string) => call('PUT', `/v1/nodes/${uuid}/states/provision`, { target });

  const properties = { cpus: 8, memory_mb: 16_384, local_gb: 100, cpu_arch: 'x86_64' };
  const plain = { driver: 'fake-hardware', resource_class: 'baremetal', automated_clean: false, properties };
  const began = performance.now();
  await stage('enrol', (uuid) => call('POST', '/v1/nodes', { uuid, name: `bench-${uuid}`, ...plain }));
  await stage('manage', verb('manage'), 'manageable');
  await stage('provide', verb('provide'), 'available');
  await stage('deploy', verb('active'), 'active');
  took.push({ what: 'enrol to active', seconds: (performance.now() - began) / 1000, nodes: count });
  await ask('list all in detail', 10, '/v1/nodes/detail?limit=10000');
  await ask('one node', 100, `/v1/nodes/${uuids[0]}`);
  await stage('undeploy', verb('deleted'), 'available');
  await stage('delete', (uuid) => call('DELETE', `/v1/nodes/${uuid}`));
  await dispatcher.close();
  return took;
}
