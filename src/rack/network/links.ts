// Network interfaces as the `ip` program tells them.
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { run } from '../run.ts';

const Link = Type.Object({
  ifname: Type.String(),
  ifalias: Type.Optional(Type.String()),
  addr_info: Type.Optional(
    Type.Array(
      Type.Object({
        family: Type.Optional(Type.String()),
        local: Type.Optional(Type.String()),
        prefixlen: Type.Optional(Type.Integer()),
      }),
    ),
  ),
});
export type Link = Static<typeof Link>;

/** Arguments that make `ip` work in a network namespace; none for the one this process is in. */
export function inNamespace(namespace: string | undefined): string[] {
  return namespace === undefined ? [] : ['-n', namespace];
}

/** Interfaces with their addresses and aliases. */
export async function listLinks(namespace?: string): Promise<Link[]> {
  const text = await run('ip', [...inNamespace(namespace), '-json', '-details', 'address', 'show']);
  return Value.Decode(Type.Array(Link), JSON.parse(text.trim() || '[]'));
}

/** Runs several `ip` commands in one process; the first that fails ends it. */
export async function batch(commands: readonly string[], namespace?: string): Promise<void> {
  if (commands.length === 0) return;
  await run('ip', [...inNamespace(namespace), '-batch', '-'], `${commands.join('\n')}\n`);
}
