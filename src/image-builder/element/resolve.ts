// The order of elements: what each one needs comes before it.
import { ImageBuildError } from '../errors.ts';
import type { Element } from './find.ts';

/**
 * Expands `names` to all elements they need, each after its needs, otherwise in the order asked for (the same
 * input gives the same order). An element that another one provides is not loaded. Throws `element_loop`,
 * `element_conflict`, and what `find` throws.
 */
export function resolveElements(names: readonly string[], find: (name: string) => Element): Element[] {
  const loaded = new Map<string, Element>();
  const queue = [...names];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (loaded.has(name)) continue;
    const element = find(name);
    loaded.set(name, element);
    queue.push(...element.needs.filter((need) => !provider(need, loaded)));
  }
  for (const element of loaded.values()) {
    for (const thing of element.provides) {
      const others = [...loaded.values()].filter(
        (other) => other !== element && (other.name === thing || other.provides.includes(thing)),
      );
      const other = others[0];
      if (other && names.includes(other.name)) {
        throw new ImageBuildError('element_conflict', `both "${element.name}" and "${other.name}" provide ${thing}`);
      }
      if (other) loaded.delete(other.name);
    }
  }
  const ordered: Element[] = [];
  const place = (element: Element, trail: readonly string[]): void => {
    if (ordered.includes(element)) return;
    if (trail.includes(element.name)) {
      throw new ImageBuildError('element_loop', `elements need each other: ${[...trail, element.name].join(' -> ')}`);
    }
    for (const need of element.needs) {
      const needed = provider(need, loaded);
      if (needed) place(needed, [...trail, element.name]);
    }
    ordered.push(element);
  };
  for (const element of loaded.values()) place(element, []);
  return ordered;
}

function provider(need: string, loaded: ReadonlyMap<string, Element>): Element | undefined {
  return loaded.get(need) ?? [...loaded.values()].find((element) => element.provides.includes(need));
}
