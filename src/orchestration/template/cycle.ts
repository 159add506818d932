// Finds circles among the dependencies of one stack.
import { dependenciesOf } from './definition.ts';
import { TemplateError } from './errors.ts';
import type { Evaluation } from './evaluation.ts';
import type { StackScope } from './stack.ts';

/** @throws TemplateError CircularDependencyException naming the resources of a circle in order */
export function checkCycles(stack: StackScope, evaluation: Evaluation): void {
  const done = new Set<string>();
  for (const start of stack.definitions.keys()) {
    if (done.has(start)) continue;
    const trail: { name: string; required: string[]; next: number }[] = [];
    const onTrail = new Set<string>();
    const enter = (name: string) => {
      const definition = stack.definitions.get(name);
      trail.push({ name, required: definition ? dependenciesOf(definition, stack, evaluation) : [], next: 0 });
      onTrail.add(name);
    };
    enter(start);
    for (let top = trail.at(-1); top; top = trail.at(-1)) {
      const required = top.required[top.next++];
      if (required === undefined) {
        done.add(top.name);
        onTrail.delete(top.name);
        trail.pop();
      } else if (onTrail.has(required)) {
        const circle = trail.slice(trail.findIndex(({ name }) => name === required)).map(({ name }) => name);
        throw new TemplateError(
          'CircularDependencyException',
          `Circular Dependency Found: ${[...circle, required].join(' -> ')}`,
        );
      } else if (!done.has(required)) enter(required);
    }
  }
}
