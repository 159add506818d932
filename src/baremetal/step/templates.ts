// Finds the deploy templates that a deployment runs: those named like the traits it asks for.
import type { Transaction } from '../../database/index.ts';
import { errors } from '../errors.ts';
import { type NodeRow, tables } from '../store.ts';
import { merged } from './order.ts';
import { type Step, stepOf } from './step.ts';

/** Traits of the instance, which the machine must have. Throws 400 for a list that is none and for traits it lacks. */
function instanceTraits(node: NodeRow): readonly string[] {
  const given: unknown = node.instance_info.traits ?? [];
  const traits = Array.isArray(given) ? given.filter((trait) => typeof trait === 'string') : undefined;
  if (traits === undefined || (Array.isArray(given) && traits.length !== given.length)) {
    throw errors.Invalid(
      `Error parsing traits from Node ${node.uuid} instance_info field. It should be a list of strings.`,
    );
  }
  const missing = traits.filter((trait) => !node.traits.includes(trait));
  if (missing.length > 0) {
    throw errors.Invalid(
      `Cannot specify instance traits that are not also set on the node. Node ${node.uuid} is missing traits ${missing.join(', ')}`,
    );
  }
  return traits;
}

/** Steps of the templates for the instance's traits; of a step in two templates the one of the first name counts. */
export async function templateSteps(tx: Transaction, node: NodeRow): Promise<Step[]> {
  const traits = instanceTraits(node);
  if (traits.length === 0) return [];
  const templates = await tables(tx)
    .selectFrom('baremetal_deploy_templates')
    .select('steps')
    .where('name', 'in', [...traits])
    .orderBy('name')
    .execute();
  return merged(...templates.map(({ steps }) => steps.map(stepOf)));
}
