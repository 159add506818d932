// Checks what a new server is made of before anything is written.
import type { Caller } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { placementRequest } from '../flavor/request.ts';
import { type FlavorStore, snapshot } from '../flavor/store.ts';
import type { KeypairStore } from '../keypair/store.ts';
import type { ImageFacts, ImageSource, NetworkSource } from '../parts.ts';
import type { FlavorSnapshot, JsonObject, Texts } from '../tables.ts';
import type { RequestedNetwork } from './server.ts';

/** A server as somebody wants it. */
export interface ServerOrder {
  /** Chosen by the caller to make creating twice harmless. */
  readonly id?: string;
  readonly name: string;
  readonly flavorId: string;
  /** Image id. */
  readonly imageId: string | undefined;
  readonly networks: readonly RequestedNetwork[] | 'auto' | 'none';
  readonly keyName?: string;
  /** Base64, at most 65,535 characters. */
  readonly userData?: string;
  readonly configDrive?: boolean;
  readonly metadata?: Texts;
  readonly description?: string | null;
  readonly tags?: readonly string[];
  readonly hostname?: string;
  /** `ZONE`, or `ZONE:HOST:NODE` for one machine. */
  readonly availabilityZone?: string;
  /** UUID of the machine to take. */
  readonly node?: string;
  readonly groupId?: string;
  readonly schedulerHints?: JsonObject;
  readonly accessIpV4?: string;
  readonly accessIpV6?: string;
  readonly minCount?: number;
  readonly maxCount?: number;
  /** Added to the config drive's vendor_data.json. Only for callers inside the program. */
  readonly vendorData?: JsonObject;
}

export interface CheckedOrder {
  readonly flavor: FlavorSnapshot;
  readonly image: ImageFacts;
  readonly publicKey: string | null;
  readonly networks: readonly RequestedNetwork[];
  readonly node: string | null;
  readonly zone: string | null;
}

export interface OrderSources {
  readonly flavors: FlavorStore;
  readonly keypairs: KeypairStore;
  readonly images: ImageSource;
  readonly networks: NetworkSource;
}

export const userDataLimit = 65_535;
export const zoneName = 'nova';
const gibibyte = 2 ** 30;

/** Throws the errors of the Compute API's "Create server" for what cannot be. */
export async function checkOrder(sources: OrderSources, order: ServerOrder, caller: Caller): Promise<CheckedOrder> {
  const project = caller.projectId ?? '';
  const row = await sources.flavors.find(order.flavorId, project, caller.roles.includes('admin'));
  if (!row || row.disabled) throw errors.FlavorUnusable(order.flavorId);
  const flavor = snapshot(row);
  if (order.imageId === undefined || order.imageId === '') throw errors.ImageMissing();
  const image = await sources.images.find(order.imageId, caller);
  if (image?.id !== order.imageId) throw errors.ImageUnknown(order.imageId);
  checkImage(flavor, image);
  const request = placementRequest(flavor, image.properties);
  if (request.kind === 'invalid') throw errors.FlavorInvalid(`Flavor ${flavor.name}: ${request.reason}.`);
  if (order.userData !== undefined) checkUserData(order.userData);
  const key = order.keyName === undefined ? undefined : await sources.keypairs.find(caller.userId, order.keyName);
  if (order.keyName !== undefined && !key) throw errors.KeypairUnknown();
  const { zone, node } = placeOf(order);
  const networks = await resolveNetworks(sources.networks, order, caller);
  return { flavor, image, publicKey: key?.public_key ?? null, networks, node, zone };
}

export function checkImage(flavor: FlavorSnapshot, image: ImageFacts): void {
  if (image.status !== 'active') throw errors.ImageNotActive(image.id, image.status);
  if (flavor.ramMb < image.minRamMb) throw errors.FlavorMemoryTooSmall();
  if (flavor.diskGb === 0) return;
  const sizeBytes = image.virtualSizeBytes ?? image.sizeBytes ?? 0;
  if (image.minDiskGb > flavor.diskGb)
    throw errors.FlavorDiskTooSmall(`Flavor disk is ${flavor.diskGb} GiB, minimum size is ${image.minDiskGb} GiB.`);
  if (sizeBytes > flavor.diskGb * gibibyte)
    throw errors.FlavorDiskTooSmall(
      `Flavor disk is ${flavor.diskGb * gibibyte} bytes, the image is ${sizeBytes} bytes.`,
    );
}

export function checkUserData(text: string): void {
  if (text.length > userDataLimit) throw errors.UserDataTooLarge(userDataLimit);
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text.replace(/\s/g, '')))
    throw errors.UserDataMalformed();
  const bytes = Buffer.from(text, 'base64');
  if (!Buffer.from(bytes.toString('utf8')).equals(bytes)) throw errors.UserDataBinary();
}

function placeOf({ availabilityZone, node }: ServerOrder): { zone: string | null; node: string | null } {
  const [zone = '', , forced = ''] = (availabilityZone ?? '').split(':');
  if (zone !== '' && zone !== zoneName) throw errors.ZoneUnknown();
  return { zone: zone === '' ? null : zone, node: node ?? (forced === '' ? null : forced) };
}

async function resolveNetworks(
  networks: NetworkSource,
  order: ServerOrder,
  caller: Caller,
): Promise<readonly RequestedNetwork[]> {
  if (order.networks === 'none') return [];
  if (order.networks === 'auto') return [{ networkId: await onlyNetwork(networks, caller) }];
  const found: RequestedNetwork[] = [];
  for (const asked of order.networks) found.push(await resolveNetwork(networks, asked, order, caller));
  return found;
}

/** The one network that a server is put on when none is named. */
export async function onlyNetwork(networks: NetworkSource, caller: Caller): Promise<string> {
  const [only, ...others] = await networks.networks(caller);
  if (!only) throw errors.NetworkMissing();
  if (others.length > 0) throw errors.NetworkAmbiguous();
  return only.id;
}

/** Checks that the caller may use the network or port and that a port is free. @throws ApiError */
export async function resolveNetwork(
  networks: NetworkSource,
  asked: RequestedNetwork,
  order: Pick<ServerOrder, 'maxCount'>,
  caller: Caller,
): Promise<RequestedNetwork> {
  if (asked.portId !== undefined) {
    if ((order.maxCount ?? 1) > 1)
      throw errors.Invalid('Unable to launch multiple instances with a single configured port ID.');
    const port = await networks.port(asked.portId);
    const reachable = port && (port.projectId === caller.projectId || caller.roles.includes('admin'));
    if (!port || !reachable) throw errors.PortNotFound(asked.portId);
    if (port.deviceId !== '') throw errors.PortInUse(port.id, port.deviceId);
    return { ...asked, networkId: port.networkId };
  }
  const subnet = asked.subnetId === undefined ? undefined : await networks.subnet(asked.subnetId);
  if (asked.subnetId !== undefined && !subnet) throw errors.SubnetNotFound(asked.subnetId);
  const named = asked.networkId ?? subnet?.networkId ?? '';
  const network = await networks.network(named, caller);
  if (!network) throw errors.NetworkNotFound(named);
  if (subnet && subnet.networkId !== network.id)
    throw errors.Invalid(`Subnet ${subnet.id} is not on network ${network.id}.`);
  if (asked.fixedIp !== undefined && (order.maxCount ?? 1) > 1)
    throw errors.Invalid('max_count cannot be greater than 1 if an fixed_ip is specified.');
  return { ...asked, networkId: network.id, ...(subnet ? { subnetId: subnet.id } : {}) };
}
