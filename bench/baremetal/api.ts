// The bare-metal and image APIs as the benchmarks call them.
import { createHash } from 'node:crypto';
import { Agent, request } from 'undici';
import type { RackNode } from './rack.ts';

export interface NodeState {
  readonly uuid: string;
  readonly name: string;
  readonly provision_state: string;
  readonly power_state: string | null;
  readonly reservation: string | null;
  readonly last_error: string | null;
}

export interface Api {
  addImage(name: string, bytes: Buffer): Promise<void>;
  /** Enrols a machine with its ports; its UUID. */
  enrol(node: RackNode, more: Readonly<Record<string, unknown>>): Promise<string>;
  ask(uuid: string, target: string): Promise<void>;
  states(): Promise<NodeState[]>;
  get(path: string): Promise<unknown>;
}

const headers = { 'x-openstack-ironic-api-version': '1.82', 'content-type': 'application/json' };

export function createApi(origin: string): Api {
  const dispatcher = new Agent({ connections: 16, headersTimeout: 120_000 });

  async function call(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: unknown,
    more: Record<string, string> = headers,
  ): Promise<unknown> {
    const answer = await request(`${origin}${path}`, {
      method,
      dispatcher,
      headers: more,
      ...(body === undefined ? {} : { body: Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  return {
    async addImage(name, bytes) {
      const form = { name, disk_format: 'raw', container_format: 'bare', visibility: 'public' };
      const { id } = Object(await call('POST', '/image/v2/images', form));
      await call('PUT', `/image/v2/images/${id}/file`, bytes, { 'content-type': 'application/octet-stream' });
    },
    async enrol({ name, driver, driver_info: info, properties, ports }, more) {
      const { uuid } = Object(
        await call('POST', '/baremetal/v1/nodes', {
          name,
          driver,
          driver_info: info,
          properties,
          resource_class: 'baremetal',
          ...more,
        }),
      );
      for (const port of ports) await call('POST', '/baremetal/v1/ports', { node_uuid: uuid, ...port });
      return uuid;
    },
    async ask(uuid, target) {
      await call('PUT', `/baremetal/v1/nodes/${uuid}/states/provision`, { target });
    },
    async states() {
      const fields = 'uuid,name,provision_state,power_state,reservation,last_error';
      const found: NodeState[] = [];
      for (let marker = ''; ; ) {
        const { nodes } = Object(
          await call('GET', `/baremetal/v1/nodes?limit=1000&fields=${fields}${marker && `&marker=${marker}`}`),
        );
        found.push(...nodes);
        if (nodes.length < 1000) return found;
        marker = nodes.at(-1).uuid;
      }
    },
    get: (path) => call('GET', path),
  };
}

/** Bytes that are the same in every run and compress badly, as an image's do. */
export function imageBytes(size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < size; at += 64) parts.push(createHash('sha512').update(String(at)).digest());
  return Buffer.concat(parts).subarray(0, size);
}
