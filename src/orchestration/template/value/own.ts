// Looking up names that users choose: `constructor` and `__proto__` are names like any other.

/** The entry of a table, undefined where the table itself has none. */
export function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
