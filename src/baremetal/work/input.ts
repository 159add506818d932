// Reads an operation's input, which comes back from the database as plain JSON.
import type { Json } from '../../operations/index.ts';

/** Text member of the input. Throws when there is none: the input was written by this program. */
export function textInput(input: Json, name: string): string {
  const value = member(input, name);
  if (typeof value !== 'string') throw new TypeError(`operation input lacks ${name}`);
  return value;
}

export function numberInput(input: Json, name: string): number | undefined {
  const value = member(input, name);
  return typeof value === 'number' ? value : undefined;
}

export function flagInput(input: Json, name: string): boolean {
  return member(input, name) === true;
}

export interface StepInput {
  readonly interface: string;
  readonly step: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Higher runs earlier; 0 where the order given counts. */
  readonly priority: number;
}

/** The steps a person asked for. */
export function stepsInput(input: Json): StepInput[] {
  const list = member(input, 'steps');
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: Json) => {
    const [of, step, args] = [member(entry, 'interface'), member(entry, 'step'), member(entry, 'args')];
    const priority = Number(member(entry, 'priority') ?? 0);
    if (typeof of !== 'string' || typeof step !== 'string') return [];
    return [{ interface: of, step, args: typeof args === 'object' && args !== null ? { ...args } : {}, priority }];
  });
}

function member(input: Json, name: string): Json | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
  const value: Json | undefined = Reflect.get(input, name);
  return value;
}
