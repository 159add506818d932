// The image service on a real database and a real chunk folder, served on loopback, for tests.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../database/index.ts';
import { testDatabase } from '../../database/testing/index.ts';
import type { Caller } from '../../openstack/index.ts';
import { serve, type TestAnswer, type TestServer, testAdmin } from '../../openstack/testing/index.ts';
import { createOperations, type Operations } from '../../operations/index.ts';
import { createImages, type Images } from '../index.ts';

export interface TestImages {
  readonly images: Images;
  readonly database: Database;
  readonly operations: Operations;
  readonly folder: string;
  readonly http: TestServer;
  /** The machines' listener. */
  readonly machines: TestServer;
  /** Who calls `http` from now on. */
  caller: Caller;
  /** A queued raw image, with these attributes. */
  made(attributes?: Record<string, unknown>): Promise<{ id: string }>;
  /** Uploads its bytes. */
  put(id: string, bytes: Uint8Array, headers?: Record<string, string>): Promise<TestAnswer>;
  stop(): Promise<void>;
}

export const octets = { 'content-type': 'application/octet-stream' };

export const testMember = (projectId: string): Caller => ({
  userId: `user-of-${projectId}`,
  projectId,
  roles: ['member', 'reader'],
});

export async function startTestImages(): Promise<TestImages> {
  const folder = mkdtempSync(join(tmpdir(), 'image-test-'));
  const { database, url, drop } = await testDatabase();
  const operations = createOperations({ database, url });
  const images = createImages({ database, folder, operations });
  await operations.launch();
  const http = await serve(images.api, { caller: () => test.caller });
  const machines = await serve(images.machineApi);
  const test: TestImages = {
    images,
    database,
    operations,
    folder,
    http,
    machines,
    caller: testAdmin,
    async made(attributes = {}) {
      const answer = await http.post('/v2/images', { disk_format: 'raw', container_format: 'bare', ...attributes });
      return answer.json;
    },
    put: (id, bytes, headers = octets) => http.put(`/v2/images/${id}/file`, bytes, headers),
    async stop() {
      await http.close();
      await machines.close();
      await operations.shutdown();
      await drop();
      rmSync(folder, { recursive: true });
    },
  };
  return test;
}
