// Applies inspection rules to what was found: which of them fit, and what they make of the node.
import { errors } from '../errors.ts';
import { actions, type Draft, RuleFailed } from './actions.ts';
import { type Args, operatorOf, operators, pattern } from './conditions.ts';
import { resolved, type Sources } from './values.ts';

interface Part {
  readonly op: string;
  readonly args: Args | readonly unknown[];
  /** Values to try one after another as {item}: a list, or a place such as {inventory[disks]} where there is one. */
  readonly loop?: readonly unknown[] | string;
  /** With a loop: does one value suffice, or must all fit? Default any. */
  readonly multiple?: 'any' | 'all' | 'first' | 'last';
}

export interface Rule {
  readonly uuid: string;
  readonly priority: number;
  /** It may hold secrets: nothing is told of why it fails, and it leaves no notes. */
  readonly sensitive: boolean;
  readonly conditions: readonly Part[];
  readonly actions: readonly Part[];
}

/** Highest priority first, the older first among equals. Rules see what those before them have made. */
export function applyRules(rules: readonly Rule[], draft: Draft, inventory: Sources['inventory']): void {
  const sources: Sources = { node: draft.node, inventory, plugin_data: draft.plugin_data };
  for (const rule of [...rules].sort((a, b) => b.priority - a.priority)) {
    const { length } = draft.notes;
    try {
      applyRule(rule, draft, sources);
    } catch (error) {
      if (!rule.sensitive) throw error;
      throw new RuleFailed(`of the sensitive rule ${rule.uuid} no more is told.`, { cause: error });
    }
    if (rule.sensitive) draft.notes.length = length;
  }
}

function applyRule(rule: Rule, draft: Draft, sources: Sources): void {
  if (!rule.conditions.every((condition) => fits(condition, sources))) return;
  for (const { op, args, loop } of rule.actions) {
    const action = actions[op];
    for (const item of itemsOf(loop, sources)) action?.run(draft, argsOf(action.needs, args, sources, item));
  }
}

function fits({ op, args, loop, multiple = 'any' }: Part, sources: Sources): boolean {
  const { name, inverted } = operatorOf(op);
  const operator = operators[name];
  const verdicts = itemsOf(loop, sources).map(
    (item) => (operator?.holds(argsOf(operator.needs, args, sources, item)) ?? false) !== inverted,
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

function argsOf(needs: readonly string[], args: Part['args'], sources: Sources, item: unknown): Args {
  const made = resolved(named(needs, args), item === undefined ? sources : { ...sources, item });
  return typeof made === 'object' && made !== null ? { ...made } : {};
}

/** Throws 400 that names the operator or action, and the argument, that is not there. */
export function refuseRule(rule: Pick<Rule, 'conditions' | 'actions'>): void {
  for (const { op, args } of rule.conditions) {
    const known = operators[operatorOf(op).name];
    if (!known) throw errors.Invalid(`There is no condition "${op}"; there are: ${Object.keys(operators).join(', ')}.`);
    const { regex } = refuseMissing(op, known.needs, args);
    if (typeof regex === 'string') refusePattern(regex);
  }
  for (const { op, args } of rule.actions) {
    const known = actions[op];
    if (!known) throw errors.Invalid(`There is no action "${op}"; there are: ${Object.keys(actions).join(', ')}.`);
    refuseMissing(op, known.needs, args);
  }
}

function refuseMissing(op: string, needs: readonly string[], args: Part['args']): Args {
  const byName = named(needs, args);
  const missing = needs.filter((name) => !(name in byName));
  if (missing.length > 0) throw errors.Invalid(`"${op}" needs the arguments ${missing.join(', ')}.`);
  return byName;
}

/** A list of arguments by their names; what needs values alone takes the whole list. */
function named(needs: readonly string[], args: Part['args']): Args {
  if (!isList(args)) return args;
  if (needs.length === 1 && needs[0] === 'values') return { values: args };
  if (args.length > needs.length) throw errors.Invalid(`More arguments are listed than ${needs.join(', ')}.`);
  return Object.fromEntries(args.map((value, index) => [needs[index] ?? '', value]));
}

function isList(args: Part['args']): args is readonly unknown[] {
  return Array.isArray(args);
}

function refusePattern(text: string): void {
  try {
    pattern(text, '');
  } catch (error) {
    throw errors.Invalid(`"${text}" is no regular expression: ${error instanceof Error ? error.message : text}`);
  }
}
