// The provider attributes of a network: its segments, written and read.
import type { Transaction } from '../../database/index.ts';
import { errors } from '../errors.ts';
import { insert, list, newId, optionalText, type Row, refusal } from '../store.ts';

export interface NewSegment {
  readonly networkType: string;
  readonly physicalNetwork: string | null;
  readonly segmentationId: number | null;
  readonly name?: string;
  readonly description?: string;
}

/** The segments that a create asks for; one local one when it asks for none. */
export function segmentsFrom(attributes: Row): NewSegment[] {
  const several = list(attributes, 'segments');
  const single = 'provider:network_type' in attributes || 'provider:physical_network' in attributes;
  if (several.length > 0 && single)
    throw errors.InvalidInput('segments and provider attributes cannot be given together');
  if (several.length > 0) return several.map((one) => segmentFrom({ ...Object(one) }));
  return [segmentFrom(attributes)];
}

function segmentFrom(attributes: Row): NewSegment {
  const physicalNetwork = optionalText(attributes, 'provider:physical_network') ?? null;
  const id = attributes['provider:segmentation_id'];
  const networkType =
    optionalText(attributes, 'provider:network_type') ?? (physicalNetwork === null ? 'local' : 'flat');
  const segmentationId = typeof id === 'number' ? id : typeof id === 'string' && id !== '' ? Number(id) : null;
  return checkedSegment({ networkType, physicalNetwork, segmentationId });
}

/** Throws InvalidInput for a combination that means nothing. */
export function checkedSegment(segment: NewSegment): NewSegment {
  const { networkType, physicalNetwork, segmentationId } = segment;
  switch (networkType) {
    case 'flat':
      if (physicalNetwork === null) throw errors.InvalidInput('a flat network needs provider:physical_network');
      if (segmentationId !== null) throw errors.InvalidInput('a flat network has no provider:segmentation_id');
      break;
    case 'vlan':
      if (physicalNetwork === null) throw errors.InvalidInput('a vlan network needs provider:physical_network');
      if (segmentationId === null || segmentationId < 1 || segmentationId > 4094)
        throw errors.InvalidInput('a vlan network needs a provider:segmentation_id from 1 to 4094');
      break;
    case 'local':
      if (physicalNetwork !== null || segmentationId !== null)
        throw errors.InvalidInput('a local network has neither physical network nor segmentation id');
      break;
    case 'vxlan':
    case 'geneve':
    case 'gre':
      if (physicalNetwork !== null) throw errors.InvalidInput(`a ${networkType} network has no physical network`);
      break;
    default:
      throw errors.InvalidInput(`the network type ${networkType} is not one of flat, vlan, local, vxlan, geneve, gre`);
  }
  return segment;
}

/** Throws VlanIdInUse or FlatNetworkInUse when another network has it. */
export async function insertSegment(tx: Transaction, networkId: string, segment: NewSegment): Promise<string> {
  const id = newId();
  try {
    await insert(tx, 'network_segments', {
      id,
      network_id: networkId,
      network_type: segment.networkType,
      physical_network: segment.physicalNetwork,
      segmentation_id: segment.segmentationId,
      name: segment.name ?? null,
      description: segment.description ?? null,
    });
  } catch (error) {
    const refused = refusal(error);
    if (refused?.constraint === 'network_segments_vlan')
      throw errors.VlanIdInUse(String(segment.segmentationId), segment.physicalNetwork ?? '');
    if (refused?.constraint === 'network_segments_flat') throw errors.FlatNetworkInUse(segment.physicalNetwork ?? '');
    throw error;
  }
  return id;
}
