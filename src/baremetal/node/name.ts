// What a node may be called.
import { atLeast, type Microversion } from '../../openstack/index.ts';
import { isHostName, isName } from '../document/names.ts';
import { errors } from '../errors.ts';

/** Words of paths below /v1/nodes: a node of such a name could not be asked for by it. */
const reserved = ['maintenance', 'management', 'states', 'vendor_passthru', 'detail', 'validate'];

/** Throws 400 for what is no name in this microversion, or a reserved word. Answers the name. */
export function nodeName(name: string, version?: Microversion): string {
  const valid = version === undefined || atLeast(version, '1.10') ? isName : isHostName;
  if (!valid(name)) throw errors.InvalidName(name);
  if (reserved.includes(name)) throw errors.ReservedName(name, reserved);
  return name;
}
