// Turns a flavor and an image's properties into what placement is asked for.
import type { CandidateRequest } from '../../placement/index.ts';
import type { FlavorSnapshot, Texts } from '../tables.ts';

export type FlavorRequest =
  | { readonly kind: 'request'; readonly request: CandidateRequest; readonly traits: readonly string[] }
  | { readonly kind: 'invalid'; readonly reason: string };

const resourceClass = /^[A-Z0-9_]+$/;

/**
 * Resources: the flavor's VCPU, MEMORY_MB and DISK_GB, each replaced (0: left out) by `resources:CLASS=AMOUNT`. Traits:
 * `trait:TRAIT=required|forbidden` of flavor and image (Nova's admin guide, "Extra Specs"). Groups with a suffix have no
 * meaning for a whole machine and are refused.
 */
export function placementRequest(flavor: FlavorSnapshot, imageProperties: Texts = {}): FlavorRequest {
  const resources: Record<string, number> = {
    VCPU: flavor.vcpus,
    MEMORY_MB: flavor.ramMb,
    DISK_GB: flavor.diskGb + flavor.ephemeralGb + Math.ceil(flavor.swapMb / 1024),
  };
  const required: string[] = [];
  const forbidden: string[] = [];
  for (const [key, value] of [...Object.entries(flavor.extraSpecs), ...imageTraits(imageProperties)]) {
    const [kind = '', name = ''] = split(key);
    if (kind === 'resources') {
      if (!resourceClass.test(name) || !/^\d{1,9}$/.test(value))
        return invalid(`extra spec ${key}=${value} must be resources:CLASS=WHOLE NUMBER`);
      resources[name] = Number(value);
    } else if (kind === 'trait') {
      if (value === 'required') required.push(name);
      else if (value === 'forbidden') forbidden.push(name);
      else return invalid(`extra spec ${key}=${value} must be "required" or "forbidden"`);
    } else if (/^(resources|trait|group_policy)[\w-]+$/.test(kind)) {
      return invalid(`extra spec ${key}: a machine is taken whole, groups of resources are not offered`);
    }
  }
  const wanted = Object.fromEntries(Object.entries(resources).filter(([, amount]) => amount > 0));
  if (Object.keys(wanted).length === 0) return invalid('the flavor asks for no resource at all');
  const request = {
    resources: wanted,
    requiredTraits: [...new Set(required)],
    forbiddenTraits: [...new Set(forbidden)],
  };
  return { kind: 'request', request, traits: request.requiredTraits };
}

/** `capabilities:NAME=VALUE`, which the deployment of the node is told (boot_mode, boot_option, ...). */
export function capabilitiesOf(flavor: FlavorSnapshot): Record<string, string> {
  const found = Object.entries(flavor.extraSpecs).flatMap(([key, value]) => {
    const [kind, name = ''] = split(key);
    return kind === 'capabilities' ? [[name, value.replace(/^<in>\s*|^s==\s*/, '')] as const] : [];
  });
  return Object.fromEntries(found);
}

function imageTraits(properties: Texts): [string, string][] {
  return Object.entries(properties).filter(([key]) => key.startsWith('trait:'));
}

function split(key: string): [string, string] {
  const colon = key.indexOf(':');
  return colon < 0 ? [key, ''] : [key.slice(0, colon), key.slice(colon + 1)];
}

function invalid(reason: string): FlavorRequest {
  return { kind: 'invalid', reason };
}
