// dnsmasq as our child: what it is told, how it starts, what is said when it cannot.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dnsmasqConfig, hostsFile, type ProvisioningNetwork, startDnsmasq } from './index.ts';

const network: ProvisioningNetwork = {
  interface: 'uctest-dhcp',
  address: '192.168.231.1',
  cidr: '192.168.231.0/24',
  pool: { first: '192.168.231.100', last: '192.168.231.200' },
  router: '192.168.231.1',
};
const scriptUrl = 'http://192.168.231.1:8088/boot/ipxe/MAC';
const paths = { tftpFolder: '/t', hostsFile: '/h', leaseFile: '/l' };
const isRoot = process.getuid?.() === 0;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dnsmasq-'));
  if (!isRoot) return;
  execFileSync('ip', ['link', 'add', network.interface, 'type', 'veth', 'peer', 'name', 'uctest-dhcp-p']);
  execFileSync('ip', ['address', 'add', '192.168.231.1/24', 'dev', network.interface]);
  for (const end of [network.interface, 'uctest-dhcp-p']) execFileSync('ip', ['link', 'set', end, 'up']);
});
afterAll(() => {
  if (isRoot) execFileSync('ip', ['link', 'del', network.interface]);
  rmSync(folder, { recursive: true, force: true });
});

test('gives iPXE the script, other firmware iPXE itself, and advertises routers', () => {
  const config = dnsmasqConfig(network, paths, scriptUrl).split('\n');
  expect(config).toEqual(
    expect.arrayContaining([
      'interface=uctest-dhcp',
      'dhcp-range=192.168.231.100,192.168.231.200,255.255.255.0,3600s',
      `dhcp-boot=tag:ipxe,${scriptUrl}`,
      'dhcp-boot=tag:!ipxe,tag:efi,snponly.efi',
      'dhcp-boot=tag:!ipxe,tag:!efi,undionly.kpxe',
      'enable-ra',
    ]),
  );
});

test('a machine keeps one address whatever client id it sends', () => {
  expect(hostsFile([{ mac: '52:54:00:AA:00:01', address: '192.168.231.10', hostname: 'n1' }])).toBe(
    '52:54:00:aa:00:01,id:*,192.168.231.10,n1\n',
  );
});

test.skipIf(!isRoot)('starts, takes new leases, ends when it is told to (as root, for it binds port 67)', async () => {
  const dnsmasq = await startDnsmasq({ network, folder, scriptUrl });
  try {
    await dnsmasq.setLeases([{ mac: '52:54:00:aa:00:01', address: '192.168.231.10' }]);
    expect(readFileSync(join(folder, 'dhcp-hosts'), 'utf8')).toBe('52:54:00:aa:00:01,id:*,192.168.231.10\n');
  } finally {
    await dnsmasq.stop();
  }
  expect(await dnsmasq.ended).toBeUndefined();
});

test('names the interface that is not there, with those that are', async () => {
  const absent = startDnsmasq({ network: { ...network, interface: 'nosuch0' }, folder, scriptUrl });
  await expect(absent).rejects.toThrow(/no interface nosuch0.*lo.*--provision IFACE/);
});

test.skipIf(!isRoot)('says which package lacks (as root, for the interface is made by it)', async () => {
  await expect(startDnsmasq({ network, folder, scriptUrl, program: '/nonexistent/dnsmasq' })).rejects.toThrow(
    /dnsmasq-base/,
  );
  await expect(startDnsmasq({ network, folder, scriptUrl, loaders: '/nonexistent' })).rejects.toThrow(/package ipxe/);
});
