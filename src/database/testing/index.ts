// Real PostgreSQL for tests: one throwaway server a run, one fresh migrated database a call.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { type Database, openDatabase } from '../open.ts';

export interface TestDatabase {
  readonly database: Database;
  readonly url: string;
  /** Closes the connections and drops the database. */
  drop(): Promise<void>;
}

/** A new database with the newest schema. Needs the global set-up of vitest.config.ts (`server.ts` in this folder). */
export async function testDatabase(): Promise<TestDatabase> {
  const server = process.env.UNDERCLOUD_TEST_DATABASE_URL;
  if (!server) throw new Error('no test database server: run through vitest, whose global set-up starts one');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`create database ${name} template undercloud`);
  const url = server.replace('/postgres?', `/${name}?`);
  const database = openDatabase(url, { maxConnections: 10 });
  return {
    database,
    url,
    async drop() {
      await database.destroy();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}
