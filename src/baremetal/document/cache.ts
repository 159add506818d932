// Keeps rendered documents as text for as long as their rows do not change, so that a long list costs a look at row versions.

export interface Versioned {
  readonly id: number;
  /** Changes with every change of the row. */
  readonly version: string;
}

export interface DocumentCache {
  /**
   * The documents of these rows, in order, as JSON text. `load` renders those that are not known in their present version;
   * a row that has vanished meanwhile is left out. `kind` names what else the text depends on.
   */
  texts(
    kind: string,
    rows: readonly Versioned[],
    load: (ids: readonly number[]) => Promise<ReadonlyMap<number, string>>,
  ): Promise<string[]>;
}

/** `maxKinds`: so many sets of documents (one for each microversion and address in use) are kept, the latest used ones. */
export function createDocumentCache({ maxKinds = 4, maxDocuments = 20_000 } = {}): DocumentCache {
  const kinds = new Map<string, Map<number, { readonly version: string; readonly text: string }>>();

  function of(kind: string) {
    const known = kinds.get(kind) ?? new Map<number, { readonly version: string; readonly text: string }>();
    kinds.delete(kind);
    kinds.set(kind, known);
    for (const oldest of kinds.keys()) if (kinds.size > maxKinds) kinds.delete(oldest);
    if (known.size > maxDocuments) known.clear();
    return known;
  }
  return {
    async texts(kind, rows, load) {
      const known = of(kind);
      const missing = rows.filter(({ id, version }) => known.get(id)?.version !== version);
      if (missing.length > 0) {
        const loaded = await load(missing.map(({ id }) => id));
        for (const { id, version } of missing) {
          const text = loaded.get(id);
          // Loaded after its version was read, so it may be newer than that: then the next look finds another version and loads again.
          if (text === undefined) known.delete(id);
          else known.set(id, { version, text });
        }
      }
      return rows.flatMap(({ id }) => known.get(id)?.text ?? []);
    },
  };
}
