// The addresses of this machine's own BMC, asked over IPMI from inside.
import { access } from 'node:fs/promises';
import type { Run } from './program.ts';
import { has, run } from './program.ts';

export interface BmcAddresses {
  readonly bmc_address: string | null;
  readonly bmc_mac: string | null;
}

/** LAN channels differ between makes; these hold the address on all that are known. */
const channels = [1, 2, 3, 8];
const unknown: BmcAddresses = { bmc_address: null, bmc_mac: null };

/** Null where the kernel found no BMC, or the ramdisk has no ipmitool, or no channel has an address. */
export async function bmcAddresses(): Promise<BmcAddresses> {
  const there = await access('/dev/ipmi0').then(
    () => true,
    () => false,
  );
  return there && (await has('ipmitool')) ? askChannels(run) : unknown;
}

/** The first channel that has an address. */
export async function askChannels(ask: Run): Promise<BmcAddresses> {
  for (const channel of channels) {
    // A channel that is not a LAN ends the program with 1.
    const text = await ask('ipmitool', ['lan', 'print', String(channel)]).catch(() => '');
    const address = /^IP Address\s*: ([\d.]+)\s*$/m.exec(text)?.[1];
    if (address === undefined || address === '0.0.0.0') continue;
    return { bmc_address: address, bmc_mac: /^MAC Address\s*: ([\da-f:]{17})\s*$/m.exec(text)?.[1] ?? null };
  }
  return unknown;
}
