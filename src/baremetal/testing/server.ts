// Bare metal as a process of its own, to be killed: DATABASE_URL FOLDER MACHINES_PORT IMAGE_URL; prints where its API listens.
import { join } from 'node:path';
import { openDatabase } from '../../database/index.ts';
import { createRedfish } from '../../hardware/index.ts';
import { serve } from '../../openstack/testing/index.ts';
import { createOperations } from '../../operations/index.ts';
import { createPlacement } from '../../placement/index.ts';
import { createBaremetal } from '../index.ts';
import { imagesOf } from './images.ts';

const [url = '', folder = '', port = ''] = process.argv.slice(2);
const database = openDatabase(url);
const operations = createOperations({ database, url });
const baremetal = createBaremetal({
  database,
  operations,
  placement: createPlacement({ database }),
  images: imagesOf(['deploy-kernel', 'deploy-ramdisk'].map((id) => ({ id, data: Buffer.from(id) }))),
  hardware: [createRedfish({ pollMs: 20 })],
  boot: {
    machinesUrl: `http://127.0.0.1:${port}`,
    deployKernel: 'deploy-kernel',
    deployRamdisk: 'deploy-ramdisk',
    cacheFolder: join(folder, 'boot'),
    kernelArguments: '',
  },
  config: { automatedClean: true, agentPollMs: 50, heartbeatTimeoutMs: 10_000, ramdiskTimeoutMs: 60_000 },
  secret: Buffer.alloc(32, 7),
});
await serve(baremetal.machineApi, { caller: () => undefined, port: Number(port) });
const { url: api } = await serve(baremetal.api);
await operations.launch();
await baremetal.start();
process.stdout.write(`${api}\n`);
