// What must happen to a resource: nothing, create, update in place or replace.
import type { Plain } from '../graph/index.ts';
import type { LiveType } from '../resources/live/contract.ts';
import type { PlainMap, ResourceRow } from '../stack/store.ts';
import { type ResourceTypeLibrary, samePlain } from '../template/index.ts';

export type Decision =
  | { readonly kind: 'create' }
  | { readonly kind: 'none' }
  | { readonly kind: 'update'; readonly changed: readonly string[] }
  | { readonly kind: 'replace'; readonly changed: readonly string[]; readonly because: string };

/** How far the type can change in place, beyond its schema's `update_allowed`. */
export interface UpdateAbility {
  readonly canUpdate: boolean;
  readonly replaceFor?: LiveType['replaceFor'] | undefined;
}

export function abilityOf(live: LiveType | undefined): UpdateAbility {
  return { canUpdate: live?.update !== undefined, replaceFor: live?.replaceFor };
}

/**
 * Compares what is with what should be. A create that failed is taken up again where it stands, unless it was begun with
 * other properties than are wanted now; an update that failed is repeated. What was on its way out comes anew.
 */
export function decide(
  existing: ResourceRow | undefined,
  type: string,
  properties: PlainMap,
  types: ResourceTypeLibrary,
  ability: UpdateAbility,
): Decision {
  if (!existing || existing.action === 'INIT') return { kind: 'create' };
  if (existing.action === 'DELETE')
    return { kind: 'replace', changed: [], because: 'its deletion had begun and did not end' };
  const made = existing.action === 'CREATE' || existing.action === 'ADOPT';
  if (made && existing.status !== 'COMPLETE' && existing.data.begun !== true) return { kind: 'create' };
  const implementation = existing.data.implementation;
  if (implementation !== undefined && implementation !== type)
    return { kind: 'replace', changed: [], because: `its type changes from ${String(implementation)} to ${type}` };
  const changed = changedProperties(existing.properties, properties);
  if (existing.action === 'CREATE' && existing.status !== 'COMPLETE')
    return changed.length === 0
      ? { kind: 'create' }
      : { kind: 'replace', changed, because: 'its creation failed and it is to be something else now' };
  if (existing.action === 'CHECK' && existing.status === 'FAILED')
    return { kind: 'replace', changed, because: existing.status_reason };
  if (changed.length === 0) return existing.status === 'COMPLETE' ? { kind: 'none' } : { kind: 'update', changed };
  const schema = types.get(type)?.properties;
  const fixed = changed.filter((name) => !(schema?.[name]?.update_allowed ?? false));
  if (fixed.length > 0) return { kind: 'replace', changed, because: `${fixed.join(', ')} cannot change in place` };
  if (!ability.canUpdate) return { kind: 'replace', changed, because: `${type} cannot change in place` };
  const because = ability.replaceFor?.(changed, properties, existing.properties);
  if (because !== undefined) return { kind: 'replace', changed, because };
  return { kind: 'update', changed };
}

export function changedProperties(before: PlainMap, after: PlainMap): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const value = (map: PlainMap, name: string): Plain => map[name] ?? null;
  return [...names].filter((name) => !samePlain(value(before, name), value(after, name))).sort();
}
