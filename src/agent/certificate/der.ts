// Writes DER (X.690), as far as certificates need it.

const tags = { boolean: 0x01, integer: 0x02, bits: 0x03, bytes: 0x04, oid: 0x06, utf8: 0x0c } as const;
const constructed = { sequence: 0x30, set: 0x31 } as const;

/** One element: tag, length in its shortest form, contents. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

export const sequence = (...contents: readonly Uint8Array[]): Buffer => element(constructed.sequence, ...contents);
export const set = (...contents: readonly Uint8Array[]): Buffer => element(constructed.set, ...contents);
/** A positive integer of these bytes, whose first must be between 1 and 0x7f. */
export const integer = (...bytes: readonly number[]): Buffer => element(tags.integer, Buffer.from(bytes));
export const truth = (): Buffer => element(tags.boolean, Buffer.from([0xff]));
export const octets = (bytes: Uint8Array): Buffer => element(tags.bytes, bytes);
export const utf8 = (text: string): Buffer => element(tags.utf8, Buffer.from(text));
/** `unused`: bits of the last byte that do not count. */
export const bits = (bytes: Uint8Array, unused = 0): Buffer => element(tags.bits, Buffer.from([unused]), bytes);
/** Context-specific [n], constructed or primitive. */
export const tagged = (n: number, isConstructed: boolean, ...contents: readonly Uint8Array[]): Buffer =>
  element((isConstructed ? 0xa0 : 0x80) | n, ...contents);
/** RFC 5280, 4.1.2.5: years up to 2049 have two digits, later ones four. `YYYYMMDDhhmmssZ` in. */
export const time = (text: string): Buffer =>
  text < '2050' ? element(0x17, Buffer.from(text.slice(2))) : element(0x18, Buffer.from(text));

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest.flatMap(base128)];
  return element(tags.oid, Buffer.from(bytes));
}

function base128(value: number): number[] {
  const groups = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
  return groups;
}
