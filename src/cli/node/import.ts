// Enrols machines and takes them on: each to manageable, through inspection, to available.
import { ApiFailure, type ApiJson, type Client } from '../client/index.ts';
import type { NodeEntry } from './nodes-file.ts';

export interface ImportOptions {
  readonly inspect: boolean;
  readonly provide: boolean;
  readonly timeoutMs: number;
  readonly report: (states: string) => void;
  readonly keep: (line: string) => void;
}

export interface ImportResult {
  readonly name: string;
  readonly uuid?: string;
  readonly error?: string;
}

/** Takes every machine through its states side by side: none waits for another. A machine already there is taken on from where it is. */
export async function importNodes(
  client: Client,
  entries: readonly NodeEntry[],
  options: ImportOptions,
): Promise<ImportResult[]> {
  const states = new Map<string, string>();
  const show = () => {
    const counts = new Map<string, number>();
    for (const state of states.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
    options.report([...counts].map(([state, count]) => `${count} ${state}`).join(', '));
  };
  return Promise.all(
    entries.map(async (entry, index) => {
      const name = String(entry.node.name ?? `#${index + 1}`);
      const began = Date.now();
      const enter = (state: string) => {
        states.set(name, state);
        show();
      };
      try {
        enter('enrolling');
        const uuid = await enrol(client, entry);
        await advance(client, uuid, options, enter);
        options.keep(
          `${name}: ${options.provide ? 'available' : 'manageable'} after ${((Date.now() - began) / 1000).toFixed(1)} s`,
        );
        return { name, uuid };
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        enter('failed');
        options.keep(`${name}: ${message}`);
        return { name, error: message };
      }
    }),
  );
}

async function enrol(client: Client, { node, ports }: NodeEntry): Promise<string> {
  const known = typeof node.name === 'string' ? await find(client, node.name) : undefined;
  const uuid: string = known?.uuid ?? (await client.post('baremetal', '/v1/nodes', node)).uuid;
  try {
    const existing = await client.get('baremetal', `/v1/ports?node=${uuid}&fields=address`);
    const have = new Set(existing.ports.map((port: ApiJson) => port.address.toLowerCase()));
    for (const port of ports) {
      if (have.has(String(port.address).toLowerCase())) continue;
      await client.post('baremetal', '/v1/ports', { ...port, node_uuid: uuid });
    }
  } catch (error) {
    // Nothing half-made stays behind: a node without its ports could never boot.
    if (!known) await client.call('baremetal', 'DELETE', `/v1/nodes/${uuid}`);
    throw error;
  }
  return uuid;
}

async function find(client: Client, name: string): Promise<ApiJson | undefined> {
  try {
    return await client.get('baremetal', `/v1/nodes/${encodeURIComponent(name)}`);
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) return undefined;
    throw error;
  }
}

async function advance(
  client: Client,
  uuid: string,
  options: ImportOptions,
  enter: (state: string) => void,
): Promise<void> {
  const deadline = Date.now() + options.timeoutMs;
  const state = async (): Promise<ApiJson> => client.get('baremetal', `/v1/nodes/${uuid}`);
  const put = (target: string) =>
    client.call('baremetal', 'PUT', `/v1/nodes/${uuid}/states/provision`, { body: { target } });
  const until = async (wanted: string) => {
    for (;;) {
      const node = await state();
      enter(node.provision_state);
      if (node.provision_state === wanted) return;
      const settled = !node.target_provision_state;
      if (settled || /failed|error/.test(node.provision_state))
        throw new Error(node.last_error ?? `it stands at ${node.provision_state} instead of ${wanted}`);
      if (Date.now() > deadline) throw new Error(`still ${node.provision_state} after ${options.timeoutMs / 1000} s`);
      await new Promise((again) => setTimeout(again, 300));
    }
  };
  let current = (await state()).provision_state;
  if (current === 'enroll') {
    await put('manage');
    await until('manageable');
    current = 'manageable';
  }
  if (current === 'manageable' && options.inspect) {
    await put('inspect');
    await until('manageable');
  }
  if (current === 'manageable' && options.provide) {
    await put('provide');
    await until('available');
  }
}
