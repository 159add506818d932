// Microversions: parsing what a request asks for and choosing the version that answers it.

/** `major.minor`, compared by its two numbers. */
export interface Microversion {
  readonly major: number;
  readonly minor: number;
}

export interface MicroversionRange {
  readonly min: Microversion;
  readonly max: Microversion;
}

/** Parses `1.82`; undefined when the text is not two numbers. */
export function parseMicroversion(text: string): Microversion | undefined {
  const match = /^(\d+)\.(\d+)$/.exec(text.trim());
  return match ? { major: Number(match[1]), minor: Number(match[2]) } : undefined;
}

export function formatMicroversion(version: Microversion): string {
  return `${version.major}.${version.minor}`;
}

/** Negative when `a` is older than `b`, zero when equal. */
export function compareMicroversions(a: Microversion, b: Microversion): number {
  return a.major - b.major || a.minor - b.minor;
}

/** Is `version` at least `text` (for instance `atLeast(version, '1.35')`)? */
export function atLeast(version: Microversion, text: string): boolean {
  const other = parseMicroversion(text);
  if (!other) throw new RangeError(`not a microversion: ${text}`);
  return compareMicroversions(version, other) >= 0;
}

export type MicroversionAnswer =
  | { readonly kind: 'version'; readonly version: Microversion }
  | { readonly kind: 'malformed'; readonly text: string }
  | { readonly kind: 'unsupported'; readonly text: string };

/**
 * Chooses the version for a request. `headers` are lower-case; `names` are the headers to read, the newest style first:
 * `openstack-api-version` holds `SERVICE VERSION` pairs separated by commas, any other header holds the version alone
 * (OpenStack API-SIG, "Microversion Specification").
 */
export function negotiate(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  service: string,
  names: readonly string[],
  range: MicroversionRange,
  fallback: Microversion,
): MicroversionAnswer {
  const text = asked(headers, service, names);
  if (text === undefined) return { kind: 'version', version: fallback };
  if (text.toLowerCase() === 'latest') return { kind: 'version', version: range.max };
  const version = parseMicroversion(text);
  if (!version) return { kind: 'malformed', text };
  const inside = compareMicroversions(version, range.min) >= 0 && compareMicroversions(version, range.max) <= 0;
  return inside ? { kind: 'version', version } : { kind: 'unsupported', text };
}

function asked(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  service: string,
  names: readonly string[],
): string | undefined {
  for (const name of names) {
    const value = headers[name];
    const text = Array.isArray(value) ? value.join(',') : value;
    if (text === undefined) continue;
    if (name !== 'openstack-api-version') return text.trim();
    for (const pair of text.split(',')) {
      const [kind, version] = pair.trim().split(/\s+/);
      if (kind?.toLowerCase() === service) return version ?? '';
    }
  }
  return undefined;
}
