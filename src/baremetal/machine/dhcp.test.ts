// How DHCP is kept running, with a dnsmasq that is played.
import { expect, test, vi } from 'vitest';
import type { Dnsmasq } from '../../boot/dnsmasq/index.ts';
import { startDhcp } from './dhcp.ts';

function played() {
  let end = () => {};
  const ended = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined);
  });
  const stop = vi.fn(async () => end());
  const dnsmasq: Dnsmasq = { pid: 0, ended, setLeases: async () => undefined, stop };
  return { dnsmasq, end, stop };
}

test('a dnsmasq that starts again while the server stops is stopped too', async () => {
  vi.useFakeTimers();
  try {
    const [first, second] = [played(), played()];
    let started = () => {};
    const starting = new Promise<void>((resolve) => {
      started = resolve;
    });
    const start = vi.fn(async () => {
      if (start.mock.calls.length === 1) return first.dnsmasq;
      await starting;
      return second.dnsmasq;
    });
    const network = {
      interface: 'none',
      address: '192.0.2.1',
      cidr: '192.0.2.0/24',
      pool: { first: '192.0.2.10', last: '192.0.2.20' },
      router: null,
    };
    const options = { network, folder: '/nowhere', leases: async () => [] };
    const dhcp = await startDhcp(options, 'http://192.0.2.1', { warn: () => undefined }, start);
    first.end();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(start).toHaveBeenCalledTimes(2);
    await dhcp.stop();
    started();
    await vi.advanceTimersByTimeAsync(0);
    expect(second.stop).toHaveBeenCalledOnce();
  } finally {
    vi.useRealTimers();
  }
});
