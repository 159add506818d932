// The provisioning network of a rack: a bridge with one tap per NIC, which the host reaches.
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { rackErrors } from '../errors.ts';
import { run } from '../run.ts';
import { batch, type Link, listLinks } from './links.ts';
import { overlaps, type RackAddresses, rackAddresses } from './subnet.ts';

export interface NetworkWish {
  /** Name of the host's interface, and of the namespace where there is one. */
  readonly name: string;
  readonly subnet: string;
  readonly taps: readonly string[];
  /** Written on the interface, so that another rack is never mistaken for this one: the rack's folder. */
  readonly owner: string;
}

/** `namespace`: own namespace, joined to the host by a veth pair. `bridge`: all in this namespace (inside `undercloud shell`). */
export type NetworkMode = 'namespace' | 'bridge';

export interface RackNetwork {
  readonly mode: NetworkMode;
  readonly device: string;
  readonly addresses: RackAddresses;
  /** Command words that run a program where the taps are. */
  readonly enter: readonly string[];
}

const bridgeInside = 'br0';
const uplinkInside = 'uplink';
const capNetAdmin = 12n;

/** Linux keeps 256 bytes for an alias; `ip -batch` takes no spaces in a word. */
const alias = (owner: string): string => `undercloud-rack:${encodeURI(owner)}`.slice(0, 255);

const tapDevice = '/dev/net/tun';

function requireTapDevice(): void {
  try {
    accessSync(tapDevice, constants.R_OK | constants.W_OK);
  } catch {
    throw rackErrors.noTapDevice(userInfo().username, existsSync(tapDevice));
  }
}

/** How a network can be made here. Throws `no-network-rights` or `no-tap-device`. */
export function networkMode(environment: NodeJS.ProcessEnv = process.env): NetworkMode {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  if (((BigInt(`0x${effective}`) >> capNetAdmin) & 1n) === 0n) throw rackErrors.noNetworkRights();
  requireTapDevice();
  return environment.UNDERCLOUD_SHELL || process.getuid?.() !== 0 ? 'bridge' : 'namespace';
}

const namespacePath = (name: string): string => `/run/netns/${name}`;

function refuseOverlap(links: readonly Link[], wish: NetworkWish, addresses: RackAddresses): void {
  for (const link of links) {
    if (link.ifname === wish.name) continue;
    for (const info of link.addr_info ?? []) {
      if (info.family !== 'inet' || !info.local) continue;
      if (overlaps(`${info.local}/${info.prefixlen ?? 32}`, addresses.subnet))
        throw rackErrors.subnetInUse(addresses.subnet, link.ifname);
    }
  }
}

function addressCommands(device: string, addresses: RackAddresses): string[] {
  const v6 = existsSync('/proc/net/if_inet6') ? [`address replace ${addresses.hostV6}/64 dev ${device} nodad`] : [];
  return [`address replace ${addresses.host}/${addresses.prefixLength} dev ${device}`, ...v6, `link set ${device} up`];
}

async function addTaps(taps: readonly string[], bridge: string, namespace?: string): Promise<void> {
  const there = new Set((await listLinks(namespace)).map((link) => link.ifname));
  await batch(
    taps.flatMap((tap) => [
      ...(there.has(tap) ? [] : [`tuntap add ${tap} mode tap`]),
      `link set ${tap} master ${bridge} up`,
    ]),
    namespace,
  );
}

async function openNamespace(
  wish: NetworkWish,
  addresses: RackAddresses,
  mine: Link | undefined,
): Promise<RackNetwork> {
  const { name } = wish;
  if (!existsSync(namespacePath(name))) await run('ip', ['netns', 'add', name]);
  const inside = new Set((await listLinks(name)).map((link) => link.ifname));
  // A namespace of this name with interfaces in it, and no interface of ours outside: someone else's.
  if (!mine && inside.size > (inside.has('lo') ? 1 : 0)) throw rackErrors.nameInUse(name, 'a network namespace');
  await batch(
    [
      'link set lo up',
      ...(inside.has(bridgeInside) ? [] : [`link add ${bridgeInside} type bridge stp_state 0 forward_delay 0`]),
      `link set ${bridgeInside} up`,
    ],
    name,
  );
  if (!mine)
    await batch([
      `link add ${name} type veth peer name ${uplinkInside} netns ${name}`,
      `link set ${name} alias ${alias(wish.owner)}`,
    ]);
  await batch([`link set ${uplinkInside} master ${bridgeInside} up`], name);
  await batch(addressCommands(name, addresses));
  await addTaps(wish.taps, bridgeInside, name);
  return { mode: 'namespace', device: name, addresses, enter: ['nsenter', `--net=${namespacePath(name)}`, '--'] };
}

async function openBridge(wish: NetworkWish, addresses: RackAddresses, mine: Link | undefined): Promise<RackNetwork> {
  const { name } = wish;
  if (!mine)
    await batch([
      `link add ${name} type bridge stp_state 0 forward_delay 0`,
      `link set ${name} alias ${alias(wish.owner)}`,
    ]);
  await batch(addressCommands(name, addresses));
  await addTaps(wish.taps, name);
  return { mode: 'bridge', device: name, addresses, enter: [] };
}

/** Makes the network, or completes one that this rack left behind. Throws `rack-name-in-use`, `rack-subnet-in-use`, `command-failed`. */
export async function openNetwork(wish: NetworkWish, mode = networkMode()): Promise<RackNetwork> {
  const addresses = rackAddresses(wish.subnet);
  const links = await listLinks();
  const mine = links.find((link) => link.ifname === wish.name);
  if (mine && mine.ifalias !== alias(wish.owner)) throw rackErrors.nameInUse(wish.name, 'an interface');
  refuseOverlap(links, wish, addresses);
  return mode === 'namespace' ? openNamespace(wish, addresses, mine) : openBridge(wish, addresses, mine);
}

/** Removes what `openNetwork` made; leaves everything alone that carries another owner's mark. */
export async function removeNetwork(name: string, owner: string, taps: readonly string[]): Promise<void> {
  const links = await listLinks();
  const mine = links.find((link) => link.ifname === name && link.ifalias === alias(owner));
  if (!mine) return;
  if (existsSync(namespacePath(name))) {
    await batch([`link delete ${name}`]);
    await run('ip', ['netns', 'delete', name]);
    return;
  }
  const there = new Set(links.map((link) => link.ifname));
  await batch([...taps.filter((tap) => there.has(tap)).map((tap) => `link delete ${tap}`), `link delete ${name}`]);
}
