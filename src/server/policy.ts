// The policy of each service: its defaults with the operator's file on top.
import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { type Api, createEnforcer, type Enforcer, type PolicyRules } from '../openstack/index.ts';
import type { Config } from './config.ts';
import { StartError } from './errors.ts';

/** Who may do what of an API, over HTTP and in calls within the process alike. Throws StartError for a file that is no policy. */
export function enforcerOf({ policy }: Pick<Config, 'policy'>, api: Api): Enforcer {
  const file = policy[api.service];
  return createEnforcer(api.policy, file === undefined ? {} : readPolicy(file));
}

function readPolicy(file: string): PolicyRules {
  const rules: unknown = parseYaml(readFileSync(file, 'utf8')) ?? {};
  if (typeof rules !== 'object' || rules === null || Object.values(rules).some((rule) => typeof rule !== 'string')) {
    throw new StartError(`the policy file ${file} must map rule names to expressions`);
  }
  return { ...rules };
}
