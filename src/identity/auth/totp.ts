// Time-based one-time passwords (RFC 6238): SHA-1, six digits, thirty seconds.
import { createHmac, timingSafeEqual } from 'node:crypto';

const stepSeconds = 30;
/** The code of the step before is accepted too, for clocks and thumbs are slow (Keystone's included_previous_windows). */
const previousSteps = 1;

/** The code of a base32 seed at `step` (Unix time / 30 s). */
export function passcodeAt(seed: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', base32(seed)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** The step whose code this is, or undefined. */
export function matchingStep(seed: string, passcode: string, now: Date): number | undefined {
  const current = Math.floor(now.getTime() / 1000 / stepSeconds);
  for (let step = current; step >= current - previousSteps; step--) {
    const code = Buffer.from(passcodeAt(seed, step));
    const given = Buffer.from(passcode);
    if (code.length === given.length && timingSafeEqual(code, given)) return step;
  }
  return undefined;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const character of text.toUpperCase().replace(/[=\s]/g, '')) {
    const digit = alphabet.indexOf(character);
    if (digit < 0) throw new RangeError('a TOTP seed is written in base32');
    value = ((value << 5) | digit) & 0xffff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >> bits) & 0xff);
    }
  }
  return Buffer.from(bytes);
}
