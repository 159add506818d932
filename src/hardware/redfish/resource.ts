// Reads members of Redfish resources, where every vendor leaves out others.

export type Resource = Readonly<Record<string, unknown>>;

/** An object, or an empty one when it is anything else. */
export function resource(value: unknown): Resource {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The object at a path of members; empty when there is none. */
export function member(from: Resource, ...path: readonly string[]): Resource {
  return path.reduce<Resource>((at, name) => resource(at[name]), from);
}

export function textOf(from: Resource, name: string): string | null {
  const value = from[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function numberOf(from: Resource, name: string): number | null {
  const value = from[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function textsOf(from: Resource, name: string): string[] {
  const value = from[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** `@odata.id` of the members of a collection, or of an array of references (DSP0266, 7.8). */
export function references(value: unknown): string[] {
  const list = Array.isArray(value) ? value : resource(value).Members;
  if (!Array.isArray(list)) return [];
  return list.flatMap((one) => textOf(resource(one), '@odata.id') ?? []);
}

/** The objects of an array; none when it is anything else. */
export function resources(value: unknown): Resource[] {
  return Array.isArray(value) ? value.map(resource) : [];
}

/** The last segment of a path; HPE's paths end with a slash. */
export function lastSegment(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1) ?? path;
}
