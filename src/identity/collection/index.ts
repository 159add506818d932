// The public face of resource collections.
export { type Change, type Collection, optionalText, type Row, record, text } from './collection.ts';
export { isTrue } from './filters.ts';
export { collectionRoutes, create, mustFind } from './routes.ts';
export { findRow } from './rows.ts';
