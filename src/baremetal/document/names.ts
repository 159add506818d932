// Checks of names, UUIDs and MAC addresses as they come in requests.
import { Type } from '@sinclair/typebox';
import { errors } from '../errors.ts';

const uuidPattern = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}

/** A UUID that may be absent, in the form the database gives it back. Throws 400 for other text. */
export function uuidOrNull(value: string | null | undefined): string | null {
  if (value === undefined || value === null) return null;
  if (!isUuid(value)) throw errors.InvalidUuid(value);
  return value.toLowerCase();
}

/** Names go into URLs: unreserved characters only (RFC 3986, 2.3), and never what could be read as a UUID. */
export function isName(text: string): boolean {
  return /^[A-Za-z0-9._~-]{1,255}$/.test(text) && !isUuid(text);
}

/** Before microversion 1.10 names were host names (RFC 1123, 2.1). */
export function isHostName(text: string): boolean {
  return (
    /^(?!.{254})[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(text) && isName(text)
  );
}

/** The MAC address in lower case. Throws 400 for anything else. */
export function macAddress(text: string): string {
  const mac = text.toLowerCase();
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac)) throw errors.InvalidMac(text);
  return mac;
}

export const Nullable = {
  text: Type.Union([Type.String({ maxLength: 255 }), Type.Null()]),
  longText: Type.Union([Type.String({ maxLength: 4096 }), Type.Null()]),
  flag: Type.Union([Type.Boolean(), Type.Null(), Type.String()]),
  object: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
};

/** A trait: a custom one, or one with the form of the standard ones (os-traits). */
export function isTrait(text: string): boolean {
  return /^[A-Z][A-Z0-9_]{0,254}$/.test(text) && /^(CUSTOM|HW|COMPUTE|MISC|STORAGE|OWNER)_./.test(text);
}
