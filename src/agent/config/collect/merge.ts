// Merges metadata the way the os-*-config tools do.
import { isObject, type Json, listOf, textOf } from '../../parse.ts';

/** `over` laid over `under`: objects are merged member by member, everything else is replaced. */
export function mergeDeep(under: Json, over: Json): Json {
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const old = merged[key];
    merged[key] = isObject(old) && isObject(value) ? mergeDeep(old, value) : value;
  }
  return merged;
}

export interface Named {
  readonly name: string;
  readonly content: Json;
}

/** Groups whose config is plain data for templates instead of something to run. */
export const dataGroups: readonly string[] = ['os-apply-config', 'Heat::Ungrouped'];

/**
 * What one source contributes, in order of precedence: its own content, then the config of each data deployment in it by the
 * deployment's name.
 */
export function contributions(source: string, content: Json): readonly Named[] {
  const data: Named[] = [];
  for (const entry of listOf(content, 'deployments')) {
    if (!isObject(entry)) continue;
    const name = textOf(entry, 'name');
    const group = textOf(entry, 'group') ?? 'Heat::Ungrouped';
    if (name !== undefined && dataGroups.includes(group) && isObject(entry.config)) {
      data.push({ name, content: withInputs(entry.config, entry) });
    }
  }
  return [{ name: source, content }, ...data];
}

/** Inputs of structured deployments are filled in by the server; only a config that asks for them by get_input is still open here. */
function withInputs(config: Json, deployment: Json): Json {
  const values = new Map<string, unknown>();
  for (const input of listOf(deployment, 'inputs')) {
    if (isObject(input) && typeof input.name === 'string') values.set(input.name, input.value);
  }
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (!isObject(value)) return value;
    const wanted = value.get_input;
    if (Object.keys(value).length === 1 && typeof wanted === 'string' && values.has(wanted)) return values.get(wanted);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]));
  };
  const filled = fill(config);
  return isObject(filled) ? filled : config;
}
