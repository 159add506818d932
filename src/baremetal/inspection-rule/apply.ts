// Applies inspection rules to what was found: which of them fit, and what they make of the node.
import { errors } from '../errors.ts';
import { actions, type Draft } from './actions.ts';
import { type Args, operatorOf, operators, pattern } from './conditions.ts';
import { resolved, type Sources } from './values.ts';

interface Part {
  readonly op: string;
  readonly args: Args;
  /** Values to try one after another as {item}: a list, or a place such as {inventory[disks]} where there is one. */
  readonly loop?: readonly unknown[] | string;
  /** With a loop: does one value suffice, or must all fit? Default any. */
  readonly multiple?: 'any' | 'all' | 'first' | 'last';
}

export interface Rule {
  readonly uuid: string;
  readonly priority: number;
  readonly conditions: readonly Part[];
  readonly actions: readonly Part[];
}

/** Highest priority first, the older first among equals. Rules see what those before them have made. */
export function applyRules(rules: readonly Rule[], draft: Draft, inventory: Sources['inventory']): void {
  const sources: Sources = { node: draft.node, inventory, plugin_data: draft.plugin_data };
  for (const rule of [...rules].sort((a, b) => b.priority - a.priority)) {
    if (!rule.conditions.every((condition) => fits(condition, sources))) continue;
    for (const { op, args, loop } of rule.actions) {
      for (const item of itemsOf(loop, sources)) actions[op]?.run(draft, argsOf(args, sources, item));
    }
  }
}

function fits({ op, args, loop, multiple = 'any' }: Part, sources: Sources): boolean {
  const { name, inverted } = operatorOf(op);
  const verdicts = itemsOf(loop, sources).map(
    (item) => (operators[name]?.holds(argsOf(args, sources, item)) ?? false) !== inverted,
  );
  if (multiple === 'first') return verdicts[0] ?? false;
  if (multiple === 'last') return verdicts.at(-1) ?? false;
  return multiple === 'all' ? verdicts.every(Boolean) : verdicts.some(Boolean);
}

/** Without a loop there is one round, of no item. */
function itemsOf(loop: Part['loop'], sources: Sources): readonly unknown[] {
  if (loop === undefined) return [undefined];
  const items = resolved(loop, sources);
  if (Array.isArray(items)) return items;
  return typeof items === 'object' && items !== null ? Object.values(items) : [];
}

function argsOf(args: Args, sources: Sources, item: unknown): Args {
  const made = resolved(args, item === undefined ? sources : { ...sources, item });
  return typeof made === 'object' && made !== null ? { ...made } : {};
}

/** Throws 400 that names the operator or action, and the argument, that is not there. */
export function refuseRule(rule: Pick<Rule, 'conditions' | 'actions'>): void {
  for (const { op, args } of rule.conditions) {
    const known = operators[operatorOf(op).name];
    if (!known) throw errors.Invalid(`There is no condition "${op}"; there are: ${Object.keys(operators).join(', ')}.`);
    refuseMissing(op, known.needs, args);
    if (typeof args.regex === 'string') refusePattern(args.regex);
  }
  for (const { op, args } of rule.actions) {
    const known = actions[op];
    if (!known) throw errors.Invalid(`There is no action "${op}"; there are: ${Object.keys(actions).join(', ')}.`);
    refuseMissing(op, known.needs, args);
  }
}

function refuseMissing(op: string, needs: readonly string[], args: Args): void {
  const missing = needs.filter((name) => !(name in args));
  if (missing.length > 0) throw errors.Invalid(`"${op}" needs the arguments ${missing.join(', ')}.`);
}

function refusePattern(text: string): void {
  try {
    pattern(text, '');
  } catch (error) {
    throw errors.Invalid(`"${text}" is no regular expression: ${error instanceof Error ? error.message : text}`);
  }
}
