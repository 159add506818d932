// What keeps the server from starting names the file and what is wrong with it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Histogram } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority, issueCertificate } from '../agent/index.ts';
import { builtInRulesFrom } from './built-in-rules.ts';
import { loadConfig } from './config.ts';
import { openDataFolder } from './data-folder.ts';
import { discoveryProfiles } from './discovery-profiles.ts';
import { StartError } from './errors.ts';
import { createHttp } from './http.ts';
import { openLog } from './log.ts';
import { enforcerOf } from './policy.ts';
import { listenerTls } from './tls.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'server-start-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const api = { service: 'image', path: '/image', policy: {}, routes: [], renderFault: () => ({ status: 500 }) };

describe('a start is refused in one line by', () => {
  test.each([
    ['a configuration that is no YAML', 'listen: [', 'no-yaml.yaml: '],
    ['a configuration that is a list', '- listen', 'it must hold a mapping'],
    ['a configuration with a wrong value', 'auth: maybe', 'Invalid input for field/attribute auth'],
  ])('%s', (_name, text, message) => {
    const file = written('no-yaml.yaml', text);
    expect(() => loadConfig(file, {}, {})).toThrow(StartError);
    expect(() => loadConfig(file, {}, {})).toThrow(message);
  });

  test.each([
    ['a policy that is a list', '- role:admin', 'it must map rule names to expressions'],
    ['a policy with an expression that cannot be read', 'get_image: "role:admin and ("', 'policy.image'],
  ])('%s', (_name, text, message) => {
    const config = { policy: { image: written('policy.yaml', text) } };
    expect(() => enforcerOf(config, api)).toThrow(StartError);
    expect(() => enforcerOf(config, api)).toThrow(message);
  });

  test('a file that is not there', () => {
    expect(() => enforcerOf({ policy: { image: '/nowhere/policy.yaml' } }, api)).toThrow(
      'policy.image /nowhere/policy.yaml: ENOENT',
    );
    expect(() => builtInRulesFrom('/nowhere/rules.yaml')).toThrow(
      'inspection.built_in_rules /nowhere/rules.yaml: ENOENT',
    );
  });

  test('a key that is not that of the certificate', () => {
    const [one, other] = [1, 2].map(() => issueCertificate(createAuthority('test'), 'server', ['192.0.2.1']));
    const tls = {
      mode: 'on' as const,
      certificate: written('tls.crt', one?.certificate ?? ''),
      key: written('tls.key', other?.key ?? ''),
    };
    const authority = { certificate: '', issue: () => ({ certificate: '', key: '' }) };
    expect(() => listenerTls({ listen: '192.0.2.1:443', tls }, folder, authority)).toThrow(
      'tls.certificate and tls.key cannot be used: ',
    );
  });

  test('a profile of discovery with a subnet that is none', () => {
    const profile = { name: 'rack 7', driver: 'redfish', driver_info: {}, bmc_subnet: '10.1.0.0/99' };
    expect(() => discoveryProfiles({ mode: 'enroll', driver_info: {}, profiles: [profile] })).toThrow(
      'discovery.profiles: bmc_subnet 10.1.0.0/99 of rack 7 is no network',
    );
  });
});

test('a first start that was killed while it wrote the secret leaves none that is half written', () => {
  const path = join(folder, 'data');
  openDataFolder(path).release();
  rmSync(join(path, 'secret.key'));
  writeFileSync(join(path, 'secret.key.partial'), '12');
  const { secret, release } = openDataFolder(path);
  release();
  expect(secret).toHaveLength(32);
  expect(readFileSync(join(path, 'secret.key'), 'utf8').trim()).toBe(secret.toString('hex'));
});

test('an upload over TLS may take longer than the five minutes that Node gives a request', async () => {
  const { log } = openLog(folder, 'info');
  const durations = new Histogram({
    name: 'durations',
    help: 'of a test',
    labelNames: ['listener', 'service', 'method', 'status'] as const,
    registers: [],
  });
  const certified = issueCertificate(createAuthority('test'), 'server', ['127.0.0.1']);
  for (const tls of [undefined, certified]) {
    const app = createHttp({ log, durations, listener: 'api', allowedOrigins: [], certified: tls });
    expect(app.server.requestTimeout).toBe(0);
    await app.close();
  }
});
