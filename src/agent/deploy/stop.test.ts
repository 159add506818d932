// An agent whose machine is switched off ends at once, whoever still owes it an answer.
import { test } from 'vitest';
import { memoryMachine } from '../../baremetal/testing/memory-machine.ts';
import { systemClock } from '../clock.ts';
import { listenOnLoopback } from '../testing/loopback.ts';
import { startDeployAgent } from './agent.ts';

test.each(['/v1/continue_inspection', '/v1/lookup', '/v1/heartbeat'])(
  'while %s is not answered',
  async (silent) => {
    let asked = false;
    const server = await listenOnLoopback(({ url = '' }, response) => {
      if (!url.startsWith(silent))
        return response.end(JSON.stringify({ node: { uuid: 'n' }, config: { heartbeat_timeout: 300 } }));
      asked = true;
      return server.notify();
    });
    const agent = await startDeployAgent({
      apiUrl: server.url,
      inspectionUrl: `${server.url}/v1/continue_inspection`,
      machine: memoryMachine({ mac: '52:54:00:00:00:01', effects: [], written: [], left: [], end: async () => {} }),
      clock: systemClock,
      listen: { host: '127.0.0.1', port: 0 },
      log: () => undefined,
    });
    await server.until(() => asked);
    await agent.stop();
    await server.close();
  },
  5_000,
);
