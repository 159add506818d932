// What `ipmitool lan print` says of a machine's own BMC.
import { expect, test } from 'vitest';
import { AgentError } from '../../errors.ts';
import { askChannels } from './bmc.ts';

const printed = (address: string) => `Set in Progress         : Set Complete
Auth Type Support       : NONE MD2 MD5 PASSWORD
IP Address Source       : DHCP Address
IP Address              : ${address}
Subnet Mask             : 255.255.255.0
MAC Address             : d0:94:66:2a:11:fe
SNMP Community String   : public
Default Gateway IP      : 192.168.24.1
`;

test('takes the first channel that has an address, past those that are none', async () => {
  const answers: Readonly<Record<string, string>> = { '2': printed('0.0.0.0'), '8': printed('192.168.24.131') };
  const asked: string[] = [];
  const found = await askChannels(async (_program, [, , channel = '']) => {
    asked.push(channel);
    const answer = answers[channel];
    if (answer === undefined) throw new AgentError('programFailed', 'Invalid channel');
    return answer;
  });
  expect(found).toEqual({ bmc_address: '192.168.24.131', bmc_mac: 'd0:94:66:2a:11:fe' });
  expect(asked).toEqual(['1', '2', '3', '8']);
});

test('a machine whose BMC has no address says so', async () => {
  expect(await askChannels(async () => printed('0.0.0.0'))).toEqual({ bmc_address: null, bmc_mac: null });
});
