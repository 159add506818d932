// Keeps the passwords of driver_info apart from the rest: sealed at rest, masked in answers.
import { isDeepStrictEqual } from 'node:util';
import type { Sealer } from '../../database/index.ts';
import type { DriverInfo } from '../../hardware/index.ts';
import type { JsonObject, NodeRow } from '../store.ts';
import { isSecretKey, mask } from './fields.ts';

/** driver_info as stored: the open part with masks where secrets are, and the secrets sealed. */
export interface StoredDriverInfo {
  readonly driver_info: string;
  readonly driver_secrets: Buffer | null;
}

/** Splits driver_info. A secret that comes as the mask keeps the value it has in `before`. */
export function storeDriverInfo(
  sealer: Sealer,
  uuid: string,
  info: JsonObject,
  before: JsonObject = {},
): StoredDriverInfo {
  const open: Record<string, unknown> = {};
  const secrets: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(info)) {
    if (!isSecretKey(key) || value === null) open[key] = value;
    else {
      open[key] = mask;
      secrets[key] = value === mask && before[key] !== undefined ? before[key] : value;
    }
  }
  const any = Object.keys(secrets).length > 0;
  return { driver_info: JSON.stringify(open), driver_secrets: any ? sealer.seal(secrets, uuid) : null };
}

/** driver_info with its secrets in clear, for a driver. Never for an answer, a log or an event. */
export function openDriverInfo(
  sealer: Sealer,
  node: Pick<NodeRow, 'uuid' | 'driver_info' | 'driver_secrets'>,
): DriverInfo {
  if (node.driver_secrets === null) return node.driver_info;
  const secrets = sealer.open(node.driver_secrets, node.uuid);
  return { ...node.driver_info, ...(typeof secrets === 'object' ? secrets : {}) };
}

export function sameValue(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}
