// The policy of each service: its defaults with the operator's file on top.
import { type Api, createEnforcer, type Enforcer, type PolicyRules } from '../openstack/index.ts';
import type { Config } from './config.ts';
import { isTree, readYamlFile } from './yaml-file.ts';

/** Who may do what of an API, over HTTP and in calls within the process alike. Throws StartError for a file that is no policy. */
export function enforcerOf({ policy }: Pick<Config, 'policy'>, api: Api): Enforcer {
  const file = policy[api.service];
  if (file === undefined) return createEnforcer(api.policy, {});
  return readYamlFile(`policy.${api.service}`, file, (tree) => createEnforcer(api.policy, policyOf(tree ?? {})));
}

function policyOf(tree: unknown): PolicyRules {
  const rules = isTree(tree) ? Object.entries(tree) : undefined;
  const texts = rules?.flatMap(([name, rule]) => (typeof rule === 'string' ? [[name, rule] as const] : []));
  if (texts === undefined || texts.length !== rules?.length) throw new Error('it must map rule names to expressions');
  return Object.fromEntries(texts);
}
