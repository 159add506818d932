// The vendor methods of IPMI machines, on a BMC that OpenIPMI's ipmi_sim plays.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createIpmi } from '../../hardware/index.ts';
import { hasIpmiTools, type TestIpmiBmc, testIpmiBmc } from '../../rack/testing/ipmi-bmc.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';

describe.skipIf(!hasIpmiTools)('vendor methods of IPMI (skipped where ipmi_sim or ipmitool is not installed)', () => {
  let bm: TestBaremetal;
  let bmc: TestIpmiBmc;
  beforeAll(async () => {
    bmc = await testIpmiBmc();
    bm = await startTestBaremetal({ hardware: [createIpmi()] });
    const reach = { ipmi_address: '127.0.0.1', ipmi_port: bmc.port, ipmi_cipher_suite: 3 };
    const login = { ipmi_username: bmc.username, ipmi_password: bmc.password };
    await bm.http.post('/v1/nodes', { name: 'n', driver: 'ipmi', driver_info: { ...reach, ...login } });
  }, 60_000);
  afterAll(async () => {
    await bm?.stop();
    await bmc?.close();
  });
  const call = (method: string, body: object) => bm.http.post(`/v1/nodes/n/vendor_passthru/${method}`, body);

  test('are the interface of a new node, and listed', async () => {
    expect((await bm.http.get('/v1/nodes/n')).json.vendor_interface).toBe('ipmitool');
    const { json } = await bm.http.get('/v1/nodes/n/vendor_passthru/methods');
    expect(Object.keys(json)).toEqual(['send_raw', 'bmc_reset']);
  });

  test('raw bytes reach the BMC, whose refusal is told', async () => {
    expect((await call('send_raw', { raw_bytes: '0x06 0x01' })).status).toBe(202);
    expect(await call('send_raw', { raw_bytes: '0x3a 0xff' })).toMatchObject({ status: 400 });
  });

  test.each([
    [{}, 'raw_bytes'],
    [{ raw_bytes: '0x06; reboot' }, 'numbers of bytes'],
    [{ raw_bytes: '-v -v' }, 'numbers of bytes'],
  ])('%o is refused before the BMC hears of it', async (body, words) => {
    expect(await call('send_raw', body)).toMatchObject({ status: 400, text: expect.stringContaining(words) });
  });

  test('the BMC is restarted', async () => {
    expect((await call('bmc_reset', { warm: false })).status).toBe(202);
  });
});
