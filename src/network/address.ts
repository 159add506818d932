// Arithmetic on IP addresses: prefixes, host ranges, SLAAC.
import ipaddr from 'ipaddr.js';

export type IpVersion = 4 | 6;

/** An address as a number; undefined when the text is not an address in its usual notation. */
export function toNumber(text: string): { readonly version: IpVersion; readonly value: bigint } | undefined {
  if (!(ipaddr.IPv4.isValidFourPartDecimal(text) || (ipaddr.IPv6.isValid(text) && text.includes(':'))))
    return undefined;
  const parsed = ipaddr.parse(text);
  const value = parsed.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { version: parsed.kind() === 'ipv4' ? 4 : 6, value };
}

/** The shortest notation of an address (RFC 5952). */
export function toText(value: bigint, version: IpVersion): string {
  const length = version === 4 ? 4 : 16;
  const bytes = Array.from({ length }, (_, index) => Number((value >> BigInt(8 * (length - 1 - index))) & 0xffn));
  const parsed = ipaddr.fromByteArray(bytes);
  return parsed.kind() === 'ipv4' ? parsed.toString() : toRfc5952(parsed.toString());
}

function toRfc5952(text: string): string {
  const parsed = ipaddr.IPv6.parse(text);
  return parsed.toRFC5952String();
}

export interface Prefix {
  readonly version: IpVersion;
  readonly length: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** A CIDR; host bits are cut off. Undefined when the text is none. */
export function toPrefix(text: string): Prefix | undefined {
  const [address = '', lengthText] = text.split('/');
  const parsed = toNumber(address);
  if (!parsed) return undefined;
  const bits = parsed.version === 4 ? 32 : 128;
  if (lengthText !== undefined && !/^\d{1,3}$/.test(lengthText)) return undefined;
  const length = lengthText === undefined ? bits : Number(lengthText);
  if (length > bits) return undefined;
  return prefixAt(parsed.version, parsed.value, length);
}

export function prefixAt(version: IpVersion, value: bigint, length: number): Prefix {
  const size = 1n << BigInt((version === 4 ? 32 : 128) - length);
  const first = value - (value % size);
  return { version, length, first, last: first + size - 1n };
}

export function prefixText({ version, first, length }: Prefix): string {
  return `${toText(first, version)}/${length}`;
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  return a.version === b.version && a.first <= b.last && b.first <= a.last;
}

export function contains(prefix: Prefix, address: { readonly version: IpVersion; readonly value: bigint }): boolean {
  return prefix.version === address.version && prefix.first <= address.value && address.value <= prefix.last;
}

/** The addresses that hosts may have: without network and broadcast in IPv4 (but RFC 3021's /31), without the router anycast in IPv6. */
export function hostRange({ version, length, first, last }: Prefix): { readonly first: bigint; readonly last: bigint } {
  const bits = version === 4 ? 32 : 128;
  if (length >= bits - 1) return { first, last };
  return { first: first + 1n, last: version === 4 ? last - 1n : last };
}

/** The address that a machine gives itself in a /64 (RFC 4291, appendix A: modified EUI-64). */
export function slaacAddress(prefix: Prefix, mac: string): string {
  const bytes = mac.split(/[:-]/).map((byte) => Number.parseInt(byte, 16));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes;
  const identifier = [a ^ 2, b, c, 0xff, 0xfe, d, e, f].reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return toText(prefix.first | identifier, 6);
}
