// Which text the database cannot hold.

/** Why `value` cannot be stored as it is; undefined when it can. */
export function unstorable(value: unknown): string | undefined {
  const found = /(?<!\\)(?:\\\\)*\\u(0000|d[89a-f])/i.exec(JSON.stringify(value) ?? '')?.[1];
  if (found === undefined) return undefined;
  return found === '0000' ? 'holds a NUL character, which no text can' : 'holds half of a surrogate pair';
}
