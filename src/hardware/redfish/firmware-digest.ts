// Holds a firmware image against the digest that its operator gives, before a BMC is asked to fetch it.
import { createHash } from 'node:crypto';
import { request } from 'undici';
import { HardwareError } from '../contract.ts';

/** Hexadecimal digits -> the digest that has so many. */
const algorithms: Readonly<Record<number, string>> = { 40: 'sha1', 64: 'sha256', 128: 'sha512' };

/** Reads the image and throws `refused` unless it has the digest; `misconfigured` for one of no known kind. */
export async function checkDigest(url: string, wanted: string): Promise<void> {
  const algorithm = algorithms[wanted.length];
  if (algorithm === undefined || !/^[0-9a-f]+$/i.test(wanted))
    throw new HardwareError('misconfigured', `The checksum "${wanted}" of ${url} is no SHA-1, SHA-256 or SHA-512.`, {
      hint: 'Correct the arguments of the step.',
    });
  const found = await digestOf(url, algorithm);
  if (found !== wanted.toLowerCase())
    throw new HardwareError('refused', `The firmware image ${url} has the ${algorithm} ${found}, not ${wanted}.`, {
      hint: 'Nothing was written. Look at the image, and at the checksum of the step.',
    });
}

async function digestOf(url: string, algorithm: string): Promise<string> {
  try {
    const { statusCode, body } = await request(url);
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(`HTTP ${statusCode}`);
    }
    const hash = createHash(algorithm);
    for await (const part of body) hash.update(part);
    return hash.digest('hex');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HardwareError('refused', `The firmware image ${url} cannot be read to check it: ${reason}.`, {
      cause,
      hint: 'The server checks the image before the BMC fetches it: both must reach its URL.',
    });
  }
}
