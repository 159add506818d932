// Which machines a server could be put on now: for plans, nothing is claimed.
import type { Caller } from '../../openstack/index.ts';
import { placementRequest } from '../flavor/request.ts';
import { type FlavorStore, snapshot } from '../flavor/store.ts';
import type { ComputeParts } from '../parts.ts';
import { checkImage } from '../server/order.ts';
import { nameOf, type Wanting, whyPassedOver, whyTooFewNics, whyUnfit } from './choose.ts';

export interface Fitting {
  /** In the order in which they would be tried. */
  readonly machines: readonly { readonly uuid: string; readonly name: string }[];
  readonly passedOver: readonly { readonly name: string; readonly reason: string }[];
}

const newcomer: Wanting = { id: '', requested_networks: [] };
const candidateLimit = 1000;

/** Machines for a flavor and an image, both by id; none when one of them does not exist. */
export async function fittingMachines(
  parts: ComputeParts,
  flavors: FlavorStore,
  flavorId: string,
  imageId: string,
  caller: Caller,
): Promise<Fitting> {
  const flavor = await flavors.find(flavorId, caller.projectId ?? '', caller.roles.includes('admin'));
  const image = await parts.images.get(imageId);
  // Throws what "Create server" would: a plan that cannot come true is refused when it is made.
  if (flavor && image) checkImage(snapshot(flavor), image);
  const asked = flavor && placementRequest(snapshot(flavor), image?.properties ?? {});
  if (asked?.kind !== 'request') return { machines: [], passedOver: [] };
  const all = new Map((await parts.machines.list()).map((machine) => [machine.uuid, machine]));
  const machines: { uuid: string; name: string }[] = [];
  const passedOver = new Map<string, string>();
  for (const { providerUuid } of await parts.placement.candidates({ ...asked.request, limit: candidateLimit })) {
    const machine = await parts.machines.get(providerUuid);
    const unfit = whyUnfit(machine, newcomer) ?? whyTooFewNics(machine, newcomer);
    if (unfit === undefined) machines.push({ uuid: providerUuid, name: nameOf(machine, providerUuid) });
    else passedOver.set(nameOf(machine, providerUuid), unfit);
    all.delete(providerUuid);
  }
  for (const machine of all.values())
    passedOver.set(nameOf(machine, machine.uuid), whyPassedOver(machine, newcomer, asked.request));
  return { machines, passedOver: [...passedOver].map(([name, reason]) => ({ name, reason })) };
}
