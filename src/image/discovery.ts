// What the image service says of itself: versions, import methods, the store, the schemas.
import { type Answer, commonErrors, json } from '../openstack/index.ts';
import { schemaDocuments } from './schemas.ts';
import { storeId } from './view.ts';

const newest = 16;

/** Image API v2, "List API versions": 300 at the root, 200 at `/versions`. */
export function versions(baseUrl: string, status: 200 | 300): Answer {
  const one = (minor: number) => ({
    id: `v2.${minor}`,
    status: minor === newest ? 'CURRENT' : 'SUPPORTED',
    links: [{ rel: 'self', href: `${baseUrl}/v2/` }],
  });
  return json({ versions: Array.from({ length: newest + 1 }, (_, index) => one(newest - index)) }, status);
}

export function schemaDocument(name: string): Answer {
  if (!Object.hasOwn(schemaDocuments, name)) throw commonErrors.NotFound();
  return json(schemaDocuments[name]);
}

export function storesInfo(detail: boolean): Answer {
  const store = { id: storeId, description: 'Content-addressed chunks, each stored once', default: 'true' };
  return json({ stores: [detail ? { ...store, type: 'chunks', properties: {} } : store] });
}
