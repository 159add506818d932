// What every Redfish resource of the BMC shares: its paths, links, status and collections.

export const root = '/redfish/v1';
export const system = `${root}/Systems/1`;
export const chassis = `${root}/Chassis/1`;
export const bmcPath = `${root}/Managers/BMC`;

export const link = (path: string): { '@odata.id': string } => ({ '@odata.id': path });
export const links = (paths: readonly string[]): { '@odata.id': string }[] => paths.map(link);

export const healthy = { State: 'Enabled', Health: 'OK' } as const;

/** A resource's first lines: where it is, what schema it follows, its id and name. */
export function resource(path: string, type: string, id: string, name: string): Record<string, unknown> {
  return { '@odata.id': path, '@odata.type': `#${type}`, Id: id, Name: name };
}

/** A collection with links to its members. */
export function collection(
  path: string,
  type: string,
  name: string,
  members: readonly string[],
): Record<string, unknown> {
  return {
    '@odata.id': path,
    '@odata.type': `#${type}.${type}`,
    Name: name,
    'Members@odata.count': members.length,
    Members: links(members),
  };
}
