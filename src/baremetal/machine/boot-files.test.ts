// The files that machines boot from, asked for by several at once.
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../database/testing/index.ts';
import { systemCaller } from '../../openstack/index.ts';
import { tables } from '../store.ts';
import { imagesOf } from '../testing/images.ts';
import { bootIso } from './boot-files.ts';

const images = imagesOf(['kernel', 'ramdisk'].map((id) => ({ id, data: Buffer.from(id) })));
let own: TestDatabase;
let folder: string;
beforeAll(async () => {
  own = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'boot-files-'));
});
afterAll(async () => {
  await own.drop();
  await rm(folder, { recursive: true });
});

test('two requests for an ISO that is not there yet get a whole one each', async () => {
  const node = await tables(own.database)
    .insertInto('baremetal_nodes')
    .values({ uuid: 'cccccccc-0000-4000-8000-000000000001', driver: 'redfish', provision_state: 'deploying' })
    .returningAll()
    .executeTakeFirstOrThrow();
  let building = 0;
  let bothBuild = () => {};
  const meet = new Promise<void>((resolve) => {
    bothBuild = resolve;
  });
  const parts = {
    database: own.database,
    images: { find: (name: string) => images.find(name, systemCaller), openData: images.openData },
    boot: {
      machinesUrl: 'http://192.0.2.1',
      deployKernel: 'kernel',
      deployRamdisk: 'ramdisk',
      cacheFolder: folder,
      kernelArguments: '',
      async buildBootIso({ output }: { output: string }) {
        await writeFile(output, 'first half, ');
        if (++building === 2) bothBuild();
        await meet;
        await appendFile(output, 'second half');
      },
    },
  };
  const paths = await Promise.all([bootIso(parts, node), bootIso(parts, node)]);
  for (const path of paths) expect(await readFile(path, 'utf8')).toBe('first half, second half');
});
