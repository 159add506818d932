// Which cloud a command talks to: OS_* variables, a clouds.yaml, or the server of this machine's data folder.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readTextFile } from '../text-file.ts';
import { UsageError } from '../usage-error.ts';

export interface Cloud {
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly userDomain: string;
  /** File with the authorities to trust (PEM) instead of the system's. */
  readonly cacert: string | undefined;
  readonly scope: { readonly project: string; readonly domain: string } | 'system';
}

type Tree = Readonly<Record<string, unknown>>;

/**
 * Order, as openstacksdk has it: `--os-cloud`/OS_CLOUD in clouds.yaml (OS_CLIENT_CONFIG_FILE, the current folder,
 * ~/.config/openstack, /etc/openstack, the data folder), then OS_AUTH_URL and its companions.
 */
export function findCloud(env: NodeJS.ProcessEnv, dataFolder: string, name?: string): Cloud {
  const wanted = name ?? env.OS_CLOUD;
  if (wanted === undefined && env.OS_AUTH_URL) return fromVariables(env);
  const files = [
    env.OS_CLIENT_CONFIG_FILE,
    ...(wanted === undefined
      ? []
      : ['clouds.yaml', join(homedir(), '.config/openstack/clouds.yaml'), '/etc/openstack/clouds.yaml']),
    join(dataFolder, 'clouds.yaml'),
  ];
  for (const file of files) {
    if (file === undefined || !existsSync(file)) continue;
    const clouds = tree(tree(readYaml(file)).clouds);
    const cloud = clouds[wanted ?? 'undercloud'];
    if (cloud !== undefined) return fromFile(tree(cloud), file);
  }
  throw new UsageError(
    wanted === undefined
      ? `no cloud to talk to: ${join(dataFolder, 'clouds.yaml')} does not exist; start one with "undercloud up", or give --data, OS_CLOUD or OS_AUTH_URL`
      : `cloud ${wanted} is in none of ${files.filter(Boolean).join(', ')}`,
  );
}

function readYaml(file: string): unknown {
  const text = readTextFile(file, 'the file of clouds');
  try {
    return parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${file} is no YAML: ${reason}`, { cause });
  }
}

function fromVariables(env: NodeJS.ProcessEnv): Cloud {
  const need = (variable: string) => {
    const value = env[variable];
    if (!value) throw new UsageError(`OS_AUTH_URL is set but ${variable} is not`);
    return value;
  };
  return {
    authUrl: need('OS_AUTH_URL'),
    username: need('OS_USERNAME'),
    password: need('OS_PASSWORD'),
    userDomain: env.OS_USER_DOMAIN_NAME ?? 'Default',
    cacert: env.OS_CACERT,
    scope: env.OS_SYSTEM_SCOPE
      ? 'system'
      : { project: need('OS_PROJECT_NAME'), domain: env.OS_PROJECT_DOMAIN_NAME ?? 'Default' },
  };
}

function fromFile(cloud: Tree, file: string): Cloud {
  const auth = tree(cloud.auth);
  const text = (key: string, fallback?: string): string => {
    const value = auth[key] ?? fallback;
    if (typeof value !== 'string') throw new UsageError(`${file}: auth.${key} is missing`);
    return value;
  };
  return {
    authUrl: text('auth_url'),
    username: text('username'),
    password: text('password'),
    userDomain: text('user_domain_name', 'Default'),
    cacert: typeof cloud.cacert === 'string' ? cloud.cacert : undefined,
    scope: auth.system_scope
      ? 'system'
      : { project: text('project_name'), domain: text('project_domain_name', 'Default') },
  };
}

function tree(value: unknown): Tree {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
