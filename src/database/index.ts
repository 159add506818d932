// The public face of the database module.
export { type EmbeddedPostgres, EmbeddedPostgresError, startEmbeddedPostgres } from './embedded.ts';
export { DatabaseVersionError, migrate } from './migrate.ts';
export { type Database, openDatabase, openPool, type Transaction } from './open.ts';
export { createSealer, type Sealer } from './seal.ts';
export { transact } from './transact.ts';
