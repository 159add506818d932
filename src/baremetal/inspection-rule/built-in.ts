// Inspection rules that come with the configuration: they run with the others, and the API neither shows nor changes them.
import { type Static, Type } from '@sinclair/typebox';
import { describeFault, violation } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { flagOf } from '../node/create.ts';
import { type Rule, refuseRule } from './apply.ts';
import { ruleFields } from './inspection-rule.ts';

/** Priorities beyond those of the API let a rule run before or after all others. */
const schema = Type.Array(
  Type.Object(
    { ...ruleFields, name: Type.String({ minLength: 1 }), priority: Type.Optional(Type.Integer()) },
    { additionalProperties: false },
  ),
);

/** Throws 400 that names the rule and what is wrong with it. */
export function builtInRules(tree: unknown): Rule[] {
  const fault = violation(schema, tree, 'body');
  if (fault) throw errors.Invalid(`built-in inspection rules: ${describeFault(fault)}`);
  // The schema that was just checked is the declaration of this type.
  return (tree as Static<typeof schema>).map(({ name, priority = 0, sensitive, conditions = [], actions }) => {
    refuseRule({ conditions, actions });
    return { uuid: name, priority, sensitive: flagOf('sensitive', sensitive) ?? false, conditions, actions };
  });
}
