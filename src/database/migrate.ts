// Brings the database to the schema of this program, forward only, under a lock.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import type { Database } from './open.ts';

/** The database was written by another version of the program than this one can run on. */
export class DatabaseVersionError extends Error {
  override name = 'DatabaseVersionError';
}

const lockKey = 4_823_551_001;

/** The folder `migrations/` of the package: above src/ in a source tree, above dist/ in a build. */
function migrationsFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'migrations'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the package is damaged: its folder migrations/ is missing');
    folder = parent;
  }
  return join(folder, 'migrations');
}

/**
 * Applies every migration that the database has not seen, each in a transaction of its own. Returns the names applied.
 * Throws DatabaseVersionError when the database holds migrations that this program does not know, or that were changed since.
 */
export async function migrate(database: Database): Promise<string[]> {
  const folder = migrationsFolder();
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return database.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${lockKey})`.execute(connection);
    try {
      await sql`create table if not exists schema_migrations (name text primary key, digest text not null, applied_at timestamptz not null default now())`.execute(
        connection,
      );
      const applied = await sql<{ name: string; digest: string }>`select name, digest from schema_migrations`.execute(
        connection,
      );
      const known = new Map(applied.rows.map((row) => [row.name, row.digest]));
      const unknown = [...known.keys()].filter((name) => !names.includes(name)).sort();
      if (unknown.length > 0) {
        throw new DatabaseVersionError(
          `the database is newer than this program (it holds ${unknown.join(', ')}); start the version that wrote it`,
        );
      }
      const done: string[] = [];
      for (const name of names) {
        const text = readFileSync(join(folder, name), 'utf8');
        const digest = createHash('sha256').update(text).digest('hex');
        const before = known.get(name);
        if (before === digest) continue;
        if (before !== undefined)
          throw new DatabaseVersionError(
            `migration ${name} differs from the one this database was made with; restore the original file`,
          );
        await connection.transaction().execute(async (tx) => {
          await sql.raw(text).execute(tx);
          await sql`insert into schema_migrations (name, digest) values (${name}, ${digest})`.execute(tx);
        });
        done.push(name);
      }
      return done;
    } finally {
      await sql`select pg_advisory_unlock(${lockKey})`.execute(connection);
    }
  });
}
