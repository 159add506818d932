// The `ec2` source: the metadata tree that clouds serve to their instances.
import { AgentError } from '../../errors.ts';
import { exchange } from '../../http.ts';
import { type Json, textOf } from '../../parse.ts';
import type { Source } from './source.ts';

const defaultUrl = 'http://169.254.169.254/latest/meta-data';
/** The tree is small; a server that lists itself for ever must not hang the agent. */
const deepest = 6;

/** Setting: metadata_url. Names ending in a slash are folders; `0=name` under public-keys is a key's number and name. */
export function ec2Source(settings: () => Json): Source {
  return {
    name: 'ec2',
    holdsOpen: false,
    async collect(signal) {
      const root = (textOf(settings(), 'metadata_url') ?? defaultUrl).replace(/\/+$/, '');
      const get = async (path: string): Promise<string> => {
        const reply = await exchange(`${root}/${path}`, { signal, idleMs: 10_000 });
        if (reply.status !== 200) throw new AgentError('refused', `${root}/${path}: HTTP ${reply.status}`);
        return reply.body;
      };
      const folder = async (path: string, depth: number): Promise<Json> => {
        const content: Record<string, unknown> = {};
        for (const line of (await get(path)).split('\n').filter(Boolean)) {
          const name = path.endsWith('public-keys/') ? `${line.split('=')[0]}/` : line;
          const isFolder = name.endsWith('/') && depth < deepest;
          content[name.replace(/\/$/, '')] = isFolder ? await folder(path + name, depth + 1) : await get(path + name);
        }
        return content;
      };
      return folder('', 0);
    },
  };
}
