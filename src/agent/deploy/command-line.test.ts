// What a ramdisk reads from its kernel command line.
import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAuthority } from '../certificate/index.ts';
import { authorityOf, parseCommandLine } from './command-line.ts';

test('an authority of any length comes through', () => {
  const lengths = new Set<number>();
  for (let letters = 1; letters <= 60; letters++) {
    const { raw, fingerprint256 } = new X509Certificate(createAuthority('a'.repeat(letters)).certificate);
    const base64 = raw.toString('base64');
    lengths.add(base64.length % 64);
    const read = authorityOf(parseCommandLine(`quiet undercloud.ca=${base64} ipa-debug=1`));
    expect(new X509Certificate(read ?? '').fingerprint256, `${base64.length} letters`).toBe(fingerprint256);
  }
  // Also the one whose last line is full.
  expect(lengths).toContain(0);
  expect(authorityOf(parseCommandLine('quiet'))).toBeUndefined();
});
