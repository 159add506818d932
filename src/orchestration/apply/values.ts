// What resources that are done answer, for the functions of the template.
import type { KnownValues, Plain } from '../graph/index.ts';
import type { Secrets } from '../stack/secrets.ts';
import type { ResourceRow } from '../stack/store.ts';

/** Values of the resources for which `known` holds; the others are not known yet. An attribute nobody has is null. */
export function knownValues(
  resources: ReadonlyMap<string, ResourceRow>,
  known: (path: string) => boolean,
  secrets: Secrets,
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
      const attributes = secrets.attributesOf(found);
      if (name === 'show') return attributes.show ?? attributes;
      return attributes[name] ?? null;
    },
  };
}
