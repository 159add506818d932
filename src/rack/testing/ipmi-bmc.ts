// A BMC that speaks IPMI too, over a simulated machine.
import { spawnSync } from 'node:child_process';
import { IpmiServer } from '../ipmi/index.ts';
import { type TestBmc, testBmc } from './bmc-client.ts';

/** Whether this host has both ends of an IPMI conversation. */
export const hasIpmiTools = ['ipmi_sim', 'ipmitool'].every((tool) => spawnSync('which', [tool]).status === 0);

export interface TestIpmiBmc extends TestBmc {
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

export async function testIpmiBmc(): Promise<TestIpmiBmc> {
  const served = await testBmc({ ipmi: true });
  const { port } = served.server;
  const spec = { ...served.bmc.spec, bmc: { ...served.bmc.spec.bmc, port } };
  const ipmi = new IpmiServer(
    spec,
    served.bmc.folder,
    (keys) => served.bmc.machine.type(keys),
    (error) => served.reported.push(error),
  );
  await ipmi.open();
  return {
    ...served,
    ...spec.bmc,
    async close() {
      await ipmi.close();
      await served.close();
    },
  };
}
