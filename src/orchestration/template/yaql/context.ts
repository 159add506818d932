// Variables and functions in reach of an expression.
import type { Data } from './data.ts';
import type { FunctionSpec } from './function.ts';

const normalized = (name: string): string => {
  const full = name.startsWith('$') ? name : `$${name}`;
  return full === '$' ? '$1' : full;
};

export class Context {
  private readonly parent: Context | undefined;
  private readonly data = new Map<string, Data>();
  private functions: Map<string, FunctionSpec[]> | undefined;

  constructor(parent?: Context) {
    this.parent = parent;
  }

  child(): Context {
    return new Context(this);
  }

  set(name: string, value: Data): void {
    this.data.set(normalized(name), value);
  }

  /** A variable's value; null when nobody set it. */
  get(name: string): Data {
    const full = normalized(name);
    for (let context: Context | undefined = this; context; context = context.parent) {
      const value = context.data.get(full);
      if (value !== undefined) return value;
    }
    return null;
  }

  register(spec: FunctionSpec): void {
    this.functions ??= new Map();
    const known = this.functions.get(spec.name);
    if (known) known.push(spec);
    else this.functions.set(spec.name, [spec]);
  }

  /** Functions of a name, the innermost context's first. */
  overloads(name: string, method: boolean): FunctionSpec[][] {
    const levels: FunctionSpec[][] = [];
    for (let context: Context | undefined = this; context; context = context.parent) {
      const level = context.functions?.get(name)?.filter((spec) => (method ? spec.method : spec.function));
      if (level && level.length > 0) levels.push(level);
    }
    return levels;
  }
}
