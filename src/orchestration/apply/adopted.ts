// What an adopting stack was told of a resource: kept apart from the resource's own fields until its type has checked it.
import type { PlainMap, ResourceRow } from '../stack/store.ts';
import { plainMap } from './work.ts';

export interface Adopted {
  readonly physicalId: string;
  readonly attributes: PlainMap;
}

/** Empty for a resource that nobody gave. */
export function adoptedOf(row: Pick<ResourceRow, 'data'> | undefined): Adopted {
  const given = plainMap(row?.data.adopt);
  return { physicalId: String(given.physicalId ?? ''), attributes: plainMap(given.attributes) };
}
