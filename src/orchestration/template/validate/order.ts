// The order in which the resources of a stack are checked: each after those it depends on.
import { dependenciesOf } from '../definition.ts';
import type { Evaluation } from '../evaluation.ts';
import type { StackScope } from '../stack.ts';

/** Keeps the smallest number on top. */
class Queue {
  private readonly items: number[] = [];

  push(item: number): void {
    let at = this.items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.items[parent] ?? 0) <= item) break;
      this.items[at] = this.items[parent] ?? 0;
      at = parent;
    }
    this.items[at] = item;
  }

  pop(): number | undefined {
    const top = this.items[0];
    const last = this.items.pop();
    if (last === undefined || this.items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= this.items.length) break;
      if ((this.items[child + 1] ?? Number.POSITIVE_INFINITY) < (this.items[child] ?? 0)) child++;
      if ((this.items[child] ?? 0) >= last) break;
      this.items[at] = this.items[child] ?? 0;
      at = child;
    }
    this.items[at] = last;
    return top;
  }
}

/**
 * Resource names so that each comes after what it depends on, and otherwise early as the template names them.
 * @throws TemplateError InvalidTemplateReference for a dependency the template does not have
 */
export function checkOrder(stack: StackScope, evaluation: Evaluation): string[] {
  const index = new Map<string, number>();
  const names: string[] = [];
  const place = (name: string): number => {
    const known = index.get(name);
    if (known !== undefined) return known;
    index.set(name, names.length);
    return names.push(name) - 1;
  };
  const waiting: number[] = [];
  const dependents: number[][] = [];
  for (const definition of stack.definitions.values()) {
    const required = [...new Set(dependenciesOf(definition, stack, evaluation))].map(place);
    const own = place(definition.name);
    waiting[own] = required.length;
    for (const at of required) {
      const list = dependents[at];
      if (list) list.push(own);
      else dependents[at] = [own];
    }
  }
  const ready = new Queue();
  names.forEach((_, at) => {
    if ((waiting[at] ?? 0) === 0) ready.push(at);
  });
  const ordered: string[] = [];
  for (let at = ready.pop(); at !== undefined; at = ready.pop()) {
    ordered.push(names[at] ?? '');
    for (const dependent of dependents[at] ?? []) {
      waiting[dependent] = (waiting[dependent] ?? 0) - 1;
      if (waiting[dependent] === 0) ready.push(dependent);
    }
  }
  return ordered;
}
