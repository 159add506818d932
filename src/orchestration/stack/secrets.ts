// Attributes that are secret: sealed in the database, bound to their resource, opened for template functions and answers.
import { createSealer } from '../../database/index.ts';
import type { PlainMap, ResourceRow } from './store.ts';

export interface Secrets {
  /** What a type keeps as `sealed` among its notes, in place of these attributes. */
  seal(attributes: Readonly<Record<string, string>>, resourceId: string): { readonly sealed: string };
  /** The attributes of a resource, those that are sealed too. */
  attributesOf(row: Pick<ResourceRow, 'id' | 'attributes' | 'data'>): PlainMap;
}

/** `secret`: 32 bytes. */
export function createSecrets(secret: Buffer): Secrets {
  const sealer = createSealer(secret);
  return {
    seal: (attributes, resourceId) => ({ sealed: sealer.seal(attributes, resourceId).toString('base64') }),
    attributesOf({ id, attributes, data }) {
      if (typeof data.sealed !== 'string') return attributes;
      const opened = sealer.open(Buffer.from(data.sealed, 'base64'), id);
      return { ...attributes, ...(typeof opened === 'object' ? opened : {}) };
    },
  };
}
