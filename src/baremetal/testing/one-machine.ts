// Bare metal with one simulated machine, the manageable node m1, and an image that can be deployed on it.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HardwareDriver } from '../../hardware/index.ts';
import { ramdiskImages } from './images.ts';
import { startTestBaremetal, type TestBaremetal, type TestBaremetalOptions } from './index.ts';
import { type SimulatedMachine, simulatedMachine } from './simulated-machine.ts';

export interface OneMachine {
  readonly bm: TestBaremetal;
  readonly machine: SimulatedMachine;
  /** A node's instance_info that names the image, whose bytes are `a golden image`. */
  readonly image: {
    readonly image_source: string;
    readonly image_os_hash_algo: 'sha512';
    readonly image_os_hash_value: string;
  };
  stop(): Promise<void>;
}

/** `driver` changes what the machine's hardware type is; `node` has more fields of the node. */
export async function startOneMachine({
  driver = (usual) => usual,
  node = {},
  ...options
}: Omit<TestBaremetalOptions, 'hardware' | 'images'> & {
  readonly driver?: (usual: HardwareDriver) => HardwareDriver;
  readonly node?: object;
}): Promise<OneMachine> {
  const data = 'a golden image';
  const server = createServer((_request, response) => response.end(data)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const machine = simulatedMachine({ apiUrl: () => bm.machines.url, mac: '52:54:00:00:00:01' });
  const bm = await startTestBaremetal({ hardware: [driver(machine.driver)], images: ramdiskImages, ...options });
  const { json } = await bm.http.post('/v1/nodes', { name: 'm1', driver: 'redfish', ...node });
  await bm.http.post('/v1/ports', { node_uuid: json.uuid, address: machine.mac });
  await bm.provision('m1', 'manage', 'manageable');
  return {
    bm,
    machine,
    image: {
      image_source: `http://127.0.0.1:${port}/image`,
      image_os_hash_algo: 'sha512',
      image_os_hash_value: createHash('sha512').update(data).digest('hex'),
    },
    async stop() {
      await machine.stop();
      await bm.stop();
      server.close();
    },
  };
}
