// Certificates as OpenSSL sees them.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createAuthority, issueCertificate, selfSignedCertificate } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
afterAll(() => rmSync(folder, { recursive: true }));

function verify(trusted: string, certificate: string, ...options: string[]): string {
  writeFileSync(join(folder, 'trusted.pem'), trusted);
  writeFileSync(join(folder, 'certificate.pem'), certificate);
  try {
    const paths = ['-CAfile', join(folder, 'trusted.pem'), join(folder, 'certificate.pem')];
    return execFileSync('openssl', ['verify', ...options, ...paths], { stdio: 'pipe' }).toString();
  } catch (error) {
    return String(error instanceof Error && 'stderr' in error ? error.stderr : error);
  }
}

test('an authority and what it issued stand even the strict verification of RFC 5280, for the addresses named', () => {
  const authority = createAuthority('undercloud');
  const issued = issueCertificate(authority, 'machines', ['192.168.24.1', 'fd00::1:2']);
  const strict = ['-x509_strict', '-purpose', 'sslserver'];
  expect(verify(authority.certificate, issued.certificate, ...strict, '-verify_ip', '192.168.24.1')).toMatch(/: OK/);
  expect(verify(authority.certificate, issued.certificate, ...strict, '-verify_ip', 'fd00::1:2')).toMatch(/: OK/);
  expect(verify(authority.certificate, issued.certificate, '-verify_ip', '192.168.24.2')).toMatch(/mismatch/);
  expect(verify(createAuthority('undercloud').certificate, issued.certificate)).toMatch(/unable to get|signature/);
});

test('what was issued may not issue in turn', () => {
  const authority = createAuthority('undercloud');
  const issued = issueCertificate(authority, 'machines', ['192.168.24.1']);
  const forged = issueCertificate(issued, 'forged', ['192.168.24.1']);
  expect(verify(`${authority.certificate}${issued.certificate}`, forged.certificate)).toMatch(/invalid CA|not.*sign/i);
});

test('holds on a machine whose clock stands at its beginning, and on one that is centuries ahead', () => {
  const own = selfSignedCertificate('agent', ['::1']);
  expect(verify(own.certificate, own.certificate, '-attime', '1000')).toMatch(/: OK/);
  expect(verify(own.certificate, own.certificate, '-attime', '9999999999')).toMatch(/: OK/);
});

test('a self-signed certificate names its addresses and fits its key', () => {
  const own = selfSignedCertificate('agent', ['192.168.24.77', 'fe80::5054:ff:fe00:1']);
  const certificate = new X509Certificate(own.certificate);
  expect(certificate.subjectAltName).toBe('IP Address:192.168.24.77, IP Address:FE80:0:0:0:5054:FF:FE00:1');
  expect(certificate.checkIP('192.168.24.77')).toBe('192.168.24.77');
  expect(certificate.verify(certificate.publicKey)).toBe(true);
});
