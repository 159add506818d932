// X.509 certificates (RFC 5280) on P-256: an authority, what it issues, and what an agent makes for itself.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP, isIPv6 } from 'node:net';
import { bits, integer, octets, oid, sequence, set, tagged, time, truth, utf8 } from './der.ts';

/** Both as PEM. */
export interface Certified {
  readonly key: string;
  readonly certificate: string;
}

// A machine whose clock has no battery believes in 1970; the end is RFC 5280's "no expiration date".
const validity = () => sequence(time('19700101000000Z'), time('99991231235959Z'));
const ecdsaWithSha256 = () => sequence(oid('1.2.840.10045.4.3.2'));

/** A new authority, which signs certificates of servers and nothing else. */
export function createAuthority(name: string): Certified {
  const { privateKey, publicKey } = newKey();
  const extensions = [
    extension('2.5.29.19', sequence(truth(), integer(0)), true),
    extension('2.5.29.15', bits(Buffer.from([0b0000_0110]), 1), true),
    extension('2.5.29.14', octets(keyId(publicKey))),
  ];
  return {
    key: pem(privateKey),
    certificate: certificate({ name, issuer: name, publicKey, extensions, signer: privateKey }),
  };
}

/** A server's key with its certificate for these names and IP addresses, signed by the authority. */
export function issueCertificate(authority: Certified, name: string, names: readonly string[]): Certified {
  const { privateKey, publicKey } = newKey();
  const issuer = new X509Certificate(authority.certificate);
  const extensions = [
    extension('2.5.29.15', bits(Buffer.from([0b1000_0000]), 7), true),
    extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', alternativeNames(names)),
    extension('2.5.29.35', sequence(tagged(0, false, keyId(issuer.publicKey)))),
  ];
  const issuerName = issuer.subject.replace(/^CN=/, '');
  const signed = certificate({ name, issuer: issuerName, publicKey, extensions, signer: authority.key });
  return { key: pem(privateKey), certificate: signed };
}

/** A key with a certificate that it signed itself, for whoever is told the certificate on another way. */
export function selfSignedCertificate(name: string, addresses: readonly string[]): Certified {
  const { privateKey, publicKey } = newKey();
  // Without key usage: OpenSSL takes one that may not sign certificates for not self-signed.
  const extensions = [extension('2.5.29.17', alternativeNames(addresses))];
  return {
    key: pem(privateKey),
    certificate: certificate({ name, issuer: name, publicKey, extensions, signer: privateKey }),
  };
}

interface Contents {
  readonly name: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly signer: KeyObject | string;
}

function certificate({ name, issuer, publicKey, extensions, signer }: Contents): string {
  const version3 = tagged(0, true, integer(2));
  const body = sequence(
    version3,
    serialNumber(),
    ecdsaWithSha256(),
    distinguishedName(issuer),
    validity(),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, true, sequence(...extensions)),
  );
  const signed = sequence(body, ecdsaWithSha256(), bits(sign('sha256', body, signer)));
  return new X509Certificate(signed).toString();
}

/** 8 random bytes; the first keeps it positive and in its shortest form. */
function serialNumber(): Buffer {
  const [, ...rest] = randomBytes(8);
  return integer(0x40, ...rest);
}

function distinguishedName(commonName: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), utf8(commonName))));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [truth()] : []), octets(value));
}

/** RFC 5280, 4.2.1.6: dNSName or iPAddress. */
function alternativeNames(names: readonly string[]): Buffer {
  return sequence(
    ...names.map((name) =>
      isIP(name.replace(/%.*$/, '')) === 0
        ? tagged(2, false, Buffer.from(name, 'latin1'))
        : tagged(7, false, addressBytes(name)),
    ),
  );
}

function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  // The URL parser writes an address in its canonical form, so that only `::` is left to fill.
  const canonical = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const groups = (text: string) => text.split(':').filter((group) => group !== '');
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** RFC 7093, 2: the first 160 bits of the SHA-256 of the public key. */
function keyId(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);
}
