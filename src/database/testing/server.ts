// Vitest global set-up: starts one throwaway PostgreSQL whose migrated database is the template of every test database.
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeCluster, startEmbeddedPostgres } from '../embedded.ts';
import { migrate } from '../migrate.ts';
import { openDatabase } from '../open.ts';

export async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'undercloud-test-'));
  chmodSync(folder, 0o755);
  const server = await startEmbeddedPostgres({ folder, unsafe: true });
  const database = openDatabase(server.url, { maxConnections: 1 });
  await migrate(database);
  await database.destroy();
  process.env.UNDERCLOUD_TEST_DATABASE_URL = server.url.replace('/undercloud?', '/postgres?');
  return async () => {
    await server.stop();
    removeCluster(folder);
  };
}
