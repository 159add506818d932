// What resources that are done answer, for the functions of the template.
import type { KnownValues, Plain } from '../graph/index.ts';
import type { ResourceRow } from '../stack/store.ts';

/** Values of the resources for which `known` holds; the others are not known yet. An attribute nobody has is null. */
export function knownValues(
  resources: ReadonlyMap<string, ResourceRow>,
  known: (path: string) => boolean,
): KnownValues {
  const row = (path: string) => (known(path) ? resources.get(path) : undefined);
  return {
    reference(path) {
      const found = row(path);
      return found && (found.physical_id ?? found.name);
    },
    attribute(path, name): Plain | undefined {
      const found = row(path);
      if (!found) return undefined;
      if (name === 'show') return found.attributes.show ?? found.attributes;
      return found.attributes[name] ?? null;
    },
  };
}
