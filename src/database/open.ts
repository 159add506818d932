// Opens a pool of PostgreSQL connections behind Kysely.
import { Kysely, type Transaction as KyselyTransaction } from 'kysely';
import pg from 'pg';
import { EagerPostgresDialect } from './dialect.ts';
import { prepareOften } from './prepare.ts';

/** Every service narrows this to its own tables with `database.withTables<Tables>()`. */
// biome-ignore lint/complexity/noBannedTypes: Kysely's withTables intersects with the declared tables; only {} leaves them as they are.
export type Database = Kysely<{}>;
// biome-ignore lint/complexity/noBannedTypes: as above.
export type Transaction = KyselyTransaction<{}>;

const int8 = 20;
const numeric = 1700;
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    // Our 64-bit columns hold counts, ids and byte sizes, all below 2^53.
    if (oid === int8 || oid === numeric) return (value: string) => Number(value);
    return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text');
  },
};

export interface PoolOptions {
  readonly maxConnections?: number;
  readonly onError?: (error: Error) => void;
}

/** Opens the database at `url`; nothing connects before the first query. Close it with `destroy()`. */
export function openDatabase(url: string, options: PoolOptions = {}): Database {
  const pool = openPool(url, { types, pipeline: true }, options);
  // biome-ignore lint/complexity/noBannedTypes: see Database.
  return new Kysely<{}>({ dialect: new EagerPostgresDialect({ pool }) });
}

/** The pool alone, for a library that has statements and types of its own. Close it with `end()`. */
export function openPool(url: string, settings: pg.PoolConfig, { maxConnections = 20, onError }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({ ...settings, connectionString: url, max: maxConnections });
  // An idle connection that the server closes is replaced by the pool; without a listener it would end the process. A pool that
  // ends does not wait until its connections are closed: that the server closes them is no news then.
  pool.on('error', (error) => pool.ending || onError?.(error));
  // One that the pool is just ending is listened to by nobody: the last word of a server that goes would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  prepareOften(pool);
  return pool;
}
