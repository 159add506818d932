// The configuration: a YAML file, environment variables and flags, checked by one schema.
import { type Static, Type } from '@sinclair/typebox';
import { parse as parseYaml } from 'yaml';
import { describeFault, violation } from '../openstack/index.ts';
import { defaultDataFolder } from './default-data.ts';
import { StartError } from './errors.ts';
import { identityDefaults, identitySchema } from './identity-options.ts';
import { inspectionDefaults, inspectionSchema } from './inspection-options.ts';
import { isTree, readYamlFile, type Tree } from './yaml-file.ts';

const strict = { additionalProperties: false } as const;

export const configSchema = Type.Object(
  {
    data: Type.String({ description: 'Folder that holds everything the program writes' }),
    listen: Type.String({ pattern: '^.+:[0-9]{0,5}$', description: 'HOST:PORT of the APIs; HOST: alone is port 80' }),
    tls: Type.Object(
      {
        mode: Type.Union([Type.Literal('auto'), Type.Literal('on'), Type.Literal('off')], {
          description: 'TLS of the APIs; auto: everywhere but on loopback; off: for a proxy that ends it',
        }),
        certificate: Type.Optional(
          Type.String({ description: 'Certificate chain to show (PEM); default: one of our own authority, `ca.pem`' }),
        ),
        key: Type.Optional(Type.String({ description: 'Its key (PEM)' })),
      },
      strict,
    ),
    auth: Type.Union([Type.Literal('password'), Type.Literal('none')], {
      description: 'none: loopback only, as noauth2',
    }),
    database_url: Type.Optional(Type.String({ description: 'PostgreSQL to use instead of the embedded one' })),
    region: Type.String({ description: 'Region of the catalogue' }),
    log: Type.Union(
      ['debug', 'info', 'warn', 'error'].map((level) => Type.Literal(level)),
      { description: 'Least severe level that is logged' },
    ),
    policy: Type.Record(Type.String(), Type.String(), {
      description: 'Service -> policy file (YAML, oslo.policy rules)',
    }),
    enforce_scope: Type.Boolean({ description: 'Refuse tokens of the wrong scope instead of the legacy rules' }),
    identity: identitySchema,
    cors: Type.Object(
      { allowed_origins: Type.Array(Type.String(), { description: 'Origins that browsers may call from' }) },
      strict,
    ),
    provision: Type.Object(
      {
        interface: Type.Optional(Type.String({ description: 'Interface of the provisioning network' })),
        port: Type.Integer({ minimum: 1, maximum: 65535, description: 'Port of the machines listener' }),
        tls_port: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 65535,
            description: "Port for the deploy agent's calls over TLS; default: the one after `port`; 0: plain HTTP",
          }),
        ),
        dhcp: Type.Boolean({ description: 'Serve DHCP and TFTP there; false where another server does' }),
        dhcp_start: Type.Optional(
          Type.String({
            format: 'ipv4',
            description: 'First address for ramdisks; default: the middle of the network',
          }),
        ),
        dhcp_end: Type.Optional(
          Type.String({ format: 'ipv4', description: 'Last address for ramdisks; default: the last of the network' }),
        ),
      },
      strict,
    ),
    power: Type.Object(
      {
        policy: Type.Union([Type.Literal('report'), Type.Literal('restore'), Type.Literal('accept')], {
          description:
            'What follows when a machine in use is found off, unless properties.power_policy of its node says otherwise',
        }),
      },
      strict,
    ),
    sync: Type.Object(
      {
        power_s: Type.Integer({ minimum: 1, description: 'Every idle machine is looked at once in this many seconds' }),
        sensors_s: Type.Integer({ minimum: 0, description: 'Its sensors are read this often; 0: never' }),
      },
      strict,
    ),
    discovery: Type.Object(
      {
        mode: Type.Union([Type.Literal('off'), Type.Literal('list'), Type.Literal('enroll')], {
          description:
            'Unknown machines that boot from the network: back to their disk, listed for approval, or enrolled',
        }),
        driver: Type.Optional(Type.String({ description: 'Driver of machines that are enrolled' })),
        driver_info: Type.Record(Type.String(), Type.String(), {
          description: 'Their driver_info; `{bmc_address}` stands for what the machine says of its BMC',
        }),
        resource_class: Type.Optional(Type.String({ description: 'Their resource class' })),
        profiles: Type.Array(
          Type.Object(
            {
              name: Type.String({ minLength: 1 }),
              bmc_subnet: Type.Optional(Type.String({ pattern: '^[0-9a-fA-F.:]+/[0-9]+$' })),
              vendor: Type.Optional(Type.String({ minLength: 1 })),
              driver: Type.String({ minLength: 1 }),
              driver_info: Type.Record(Type.String(), Type.String()),
              resource_class: Type.Optional(Type.String()),
            },
            strict,
          ),
          {
            description:
              'The same for groups of machines, by `bmc_subnet` (CIDR) of their BMCs and `vendor`; the first that fits counts, and what stands above is for the others',
          },
        ),
      },
      strict,
    ),
    console: Type.Object(
      {
        address: Type.String({
          minLength: 1,
          description: "Address where machines' consoles are served over TCP, to whoever can reach it",
        }),
        first_port: Type.Integer({
          minimum: 1,
          maximum: 65535,
          description: 'First port for consoles of nodes that name none (`ipmi_terminal_port`)',
        }),
        last_port: Type.Integer({ minimum: 1, maximum: 65535, description: 'Last such port' }),
        timeout_s: Type.Integer({ minimum: 1, description: 'A client that is silent this long has to go' }),
      },
      strict,
    ),
    inspection: inspectionSchema,
    ramdisk: Type.Object(
      {
        restrict_lookup: Type.Boolean({
          description: 'Tell who they are only to machines whose nodes expect a ramdisk',
        }),
        fast_track: Type.Boolean({
          description:
            'Leave the ramdisk running after inspection and cleaning, for the work that follows; `fast_track` in driver_info of a node counts more',
        }),
        fast_track_timeout_s: Type.Integer({
          minimum: 1,
          description: 'A ramdisk that has not called for so long is not used any more',
        }),
      },
      strict,
    ),
    verifying: Type.Object(
      {
        bmc_clock: Type.Boolean({
          description: 'Set the clock of a Redfish BMC when its node is verified, and fail where that cannot be done',
        }),
      },
      strict,
    ),
    cleaning: Type.Object({ automated: Type.Boolean({ description: 'Clean between tenants' }) }, strict),
    retention: Type.Object(
      {
        events_days: Type.Integer({ minimum: 0, description: 'Days that events are kept; 0: for ever' }),
        operations_days: Type.Integer({
          minimum: 0,
          description:
            'Days that operations and their steps are kept, the last on each target for ever; 0: all of them',
        }),
        node_history: Type.Integer({
          minimum: 0,
          description: 'Lines of history that each node keeps, its latest; 0: all of them',
        }),
      },
      strict,
    ),
    limits: Type.Object(
      {
        callback_timeout_s: Type.Integer({ minimum: 1, description: 'Silence of a booting deploy ramdisk' }),
        hold_timeout_s: Type.Integer({ minimum: 1, description: 'Longest hold of a node by a hold step' }),
        max_candidates: Type.Integer({ minimum: 1, description: 'Allocation candidates generated at the most' }),
      },
      strict,
    ),
  },
  strict,
);
export type Config = Static<typeof configSchema>;

function defaults(env: NodeJS.ProcessEnv): Config {
  return {
    data: defaultDataFolder(env),
    listen: '127.0.0.1:8000',
    tls: { mode: 'auto' },
    auth: 'password',
    region: 'RegionOne',
    log: 'info',
    policy: {},
    enforce_scope: false,
    identity: identityDefaults,
    cors: { allowed_origins: [] },
    provision: { port: 8088, dhcp: true },
    power: { policy: 'report' },
    sync: { power_s: 60, sensors_s: 600 },
    discovery: { mode: 'off', driver_info: {}, profiles: [] },
    console: { address: '127.0.0.1', first_port: 10_000, last_port: 10_999, timeout_s: 600 },
    inspection: inspectionDefaults,
    ramdisk: { restrict_lookup: true, fast_track: false, fast_track_timeout_s: 300 },
    verifying: { bmc_clock: false },
    cleaning: { automated: true },
    retention: { events_days: 90, operations_days: 365, node_history: 300 },
    limits: { callback_timeout_s: 1_800, hold_timeout_s: 7 * 86_400, max_candidates: 100_000 },
  };
}

/**
 * Defaults, then the file, then variables (`UNDERCLOUD_` and the key in capitals, `__` between levels; `DATABASE_URL`),
 * then flags. Throws StartError that names the key.
 */
export function loadConfig(file: string | undefined, env: NodeJS.ProcessEnv, flags: Tree): Config {
  const layers = [file === undefined ? {} : readConfigFile(file), fromEnvironment(env), flags];
  const merged = layers.reduce<Tree>((below, layer) => merge(below, layer), { ...defaults(env) });
  const fault = violation(configSchema, merged, 'body');
  if (fault) throw new StartError(`configuration: ${describeFault(fault).replace('the body', 'the top level')}`);
  // The schema that was just checked is the declaration of this type.
  return merged as Config;
}

function readConfigFile(file: string): Tree {
  return readYamlFile('the configuration file', file, (tree) => {
    if (!isTree(tree ?? {})) throw new Error('it must hold a mapping');
    return { ...Object(tree) };
  });
}

function fromEnvironment(env: NodeJS.ProcessEnv): Tree {
  const tree: Tree = env.DATABASE_URL ? { database_url: env.DATABASE_URL } : {};
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('UNDERCLOUD_') || value === undefined) continue;
    const path = name.slice('UNDERCLOUD_'.length).toLowerCase().split('__');
    if (!(path[0] !== undefined && path[0] in configSchema.properties)) continue;
    const parsed: unknown = parseYaml(value);
    Object.assign(
      tree,
      merge(
        tree,
        path.reduceRight<Tree>((inner, key, index) => ({ [key]: index === path.length - 1 ? parsed : inner }), {}),
      ),
    );
  }
  return tree;
}

function merge(below: Tree, above: Tree): Tree {
  const merged: Tree = { ...below };
  for (const [key, value] of Object.entries(above)) {
    if (value === undefined) continue;
    const old = merged[key];
    merged[key] = isTree(old) && isTree(value) ? merge(old, value) : value;
  }
  return merged;
}
