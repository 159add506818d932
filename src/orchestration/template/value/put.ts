// Setting a key in a map the way Python does.
import { equal } from './equality.ts';
import type { Key, Value } from './value.ts';

/** Sets a key as Python does: a key equal to one already there keeps its place and form. */
export function put(map: Map<Key, Value>, key: Key, value: Value): void {
  if (typeof key !== 'string' && key !== null && !map.has(key)) {
    for (const known of map.keys()) {
      if (typeof known !== 'string' && known !== null && equal(known, key)) {
        map.set(known, value);
        return;
      }
    }
  }
  map.set(key, value);
}
