// The configuration keys of `undercloud up`, from the schema that checks them.
import type { Command } from 'commander';
import { type Config, configSchema, loadConfig } from '../../src/server/config.ts';
import { code, type Page, page, table } from './markdown.ts';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly { readonly const?: unknown }[];
  readonly items?: Schema;
  readonly format?: string;
}

/** Flags of `up` whose value goes into a key of another name. */
const flagTargets: Readonly<Record<string, string>> = { provision: 'provision.interface' };

export function configurationPage(up: Command): Page {
  const flags = new Map(
    up.options.map((option) => [flagTargets[option.attributeName()] ?? option.attributeName(), option.long ?? '']),
  );
  const defaults = loadConfig(undefined, {}, {});
  return page(
    'configuration.md',
    'Configuration of the server',
    'A key is taken from, the last wins: its default, the YAML file of `up --config`, its environment variable (read as YAML), its flag. A key that does not exist is refused by name.',
    table(
      ['Key', 'Type', 'Default', 'Variable', 'Flag', 'Meaning'],
      keys(configSchema).map(([path, schema]) => [
        code(path),
        typeOf(schema),
        path === 'data' ? '`/var/lib/undercloud` as root, else `~/.local/share/undercloud`' : shown(defaults, path),
        code(path === 'database_url' ? 'DATABASE_URL' : `UNDERCLOUD_${path.toUpperCase().replaceAll('.', '__')}`),
        code(flags.get(path) ?? ''),
        schema.description ?? '',
      ]),
    ),
  );
}

function keys(schema: Schema, prefix = ''): [string, Schema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]): [string, Schema][] =>
    inner.properties ? keys(inner, `${prefix}${name}.`) : [[`${prefix}${name}`, inner]],
  );
}

function typeOf(schema: Schema): string {
  if (schema.anyOf) return schema.anyOf.map((one) => code(String(one.const))).join(', ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  return schema.format ?? (schema.type === 'object' ? 'map' : (schema.type ?? ''));
}

function shown(defaults: Config, path: string): string {
  const value = path
    .split('.')
    .reduce<unknown>((tree, key) => Object.entries(tree ?? {}).find(([k]) => k === key)?.[1], defaults);
  return value === undefined ? '' : code(typeof value === 'string' ? value : JSON.stringify(value));
}
