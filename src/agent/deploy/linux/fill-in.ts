// Fills what is known of a machine into text, in Python's way of formatting: {node[uuid]}, {ports[0][address]}.
import { AgentError } from '../../errors.ts';
import type { Json } from '../../parse.ts';

/** `{{` and `}}` are braces. Throws AgentError `invalidParams` for what is not there; `what` names the text. */
export function fill(text: string, facts: Json, what: string): string {
  return text.replace(/\{\{|\}\}|\{([^{}]*)\}/g, (whole, field: string | undefined) => {
    if (field === undefined) return whole.slice(0, 1);
    const names = /^(\w+)((?:\[[^[\]]+\])*)$/.exec(field);
    const keys = names
      ? [names[1] ?? '', ...(names[2] ?? '').slice(1, -1).split('][')].filter((key) => key !== '')
      : [];
    const value = keys.reduce<unknown>((at, key) => memberOf(at, key), keys.length > 0 ? facts : undefined);
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    throw new AgentError('invalidParams', `${what}: there is no ${whole} to fill in`);
  });
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}
