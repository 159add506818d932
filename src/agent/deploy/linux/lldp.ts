// Listens for what switches say of themselves (IEEE 802.1AB), on every card with a link.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { asAgentError } from '../../errors.ts';
import { run } from './program.ts';
import { names, readNumber } from './sysfs.ts';

/** Type and value (hexadecimal) of each element, as ironic-python-agent reports them. */
export type LldpElements = [type: number, value: string][];

/** Switches send every 30 s unless told otherwise. */
const patienceMs = 31_000;
const pollMs = 200;
const ethertype = 0x88cc;
/** The kernel puts its virtio_net_hdr before each frame that a macvtap hands out. */
const headerBytes = 10;

export interface LldpOptions {
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** By name of the card; cards whose switch says nothing are left out. */
export async function collectLldp(options: LldpOptions): Promise<ReadonlyMap<string, LldpElements>> {
  const heard = new Map<string, LldpElements>();
  const cards = await physicalCards();
  // The ramdisk brings up the card that it booted from only; the others are listened on all the same.
  for (const card of cards) await run('ip', ['link', 'set', card, 'up']);
  await Promise.all(
    cards.map(async (card, index) => {
      try {
        const elements = await listen(card, `lldp${index}`, options.clock);
        if (elements) heard.set(card, elements);
      } catch (thrown) {
        options.log(`LLDP on ${card}: ${asAgentError(thrown).details}`);
      }
    }),
  );
  return heard;
}

async function physicalCards(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const card of await names('/sys/class/net')) {
    if ((await names(join('/sys/class/net', card, 'device'))).length > 0) found.push(card);
  }
  return found;
}

/**
 * A macvtap on top of the card is a file of raw frames: Node has no packet sockets. Throws AgentError `programFailed` where the kernel has
 * no macvtap.
 */
async function listen(card: string, tap: string, clock: Clock): Promise<LldpElements | undefined> {
  await run('ip', ['link', 'add', 'link', card, 'name', tap, 'type', 'macvtap']);
  try {
    // LLDP goes to a multicast address that nobody here has joined; busybox's ip does not know this flag, its ifconfig does.
    await run('ifconfig', [tap, 'allmulti', 'up']);
    const number = await readNumber(join('/sys/class/net', tap, 'ifindex'));
    const file = await open(`/dev/tap${number}`, constants.O_RDONLY | constants.O_NONBLOCK);
    const never = new AbortController().signal;
    try {
      const buffer = Buffer.alloc(4096);
      for (const end = clock.now() + patienceMs; clock.now() < end; ) {
        const bytesRead = await file.read(buffer).then(({ bytesRead: count }) => count, orNothingYet);
        const elements = bytesRead > headerBytes ? parseLldp(buffer.subarray(headerBytes, bytesRead)) : undefined;
        if (elements) return elements;
        if (bytesRead === 0) await clock.sleep(pollMs, never);
      }
      return undefined;
    } finally {
      await file.close();
    }
  } finally {
    await run('ip', ['link', 'del', tap]);
  }
}

function orNothingYet(error: unknown): number {
  if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
  throw error;
}

/** The elements of an Ethernet frame, without the last that ends them; undefined when it is no LLDP frame. */
export function parseLldp(frame: Buffer): LldpElements | undefined {
  const tagged = frame.length > 18 && frame.readUInt16BE(12) === 0x8100;
  const start = tagged ? 18 : 14;
  if (frame.length < start || frame.readUInt16BE(start - 2) !== ethertype) return undefined;
  const elements: [number, string][] = [];
  for (let at = start; at + 2 <= frame.length; ) {
    const head = frame.readUInt16BE(at);
    const [type, length] = [head >> 9, head & 0x1ff];
    if (type === 0 || at + 2 + length > frame.length) break;
    elements.push([type, frame.toString('hex', at + 2, at + 2 + length)]);
    at += 2 + length;
  }
  return elements;
}
