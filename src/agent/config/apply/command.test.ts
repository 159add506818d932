// os-apply-config as elements' scripts call it.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pathsUnder } from '../paths.ts';
import { applyCommand } from './command.ts';

let root: string;
let printed: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'apply-'));
  printed = [];
  put('etc/passwd', 'root:x:0:0::/root:/bin/sh\nme:x:4711:4711::/:/bin/sh\n');
  put(
    'metadata/a.json',
    JSON.stringify({ db: { host: 'one', port: 5432, url: 'mysql://user:pw@host:3306/db' }, on: true, list: [1, 2] }),
  );
  put('metadata/b.json', JSON.stringify({ db: { host: 'two' } }));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), mode);
}
const text = (path: string) => readFileSync(join(root, path), 'utf8');
const files = () => `${join(root, 'metadata/a.json')}:${join(root, 'metadata/b.json')}`;
const run = (...words: string[]) =>
  applyCommand(words, {
    paths: pathsUnder(root),
    env: { PATH: process.env.PATH, OS_CONFIG_FILES: files() },
    print: (line) => printed.push(line),
    log: () => {},
  });
const template = (path: string, content: string, mode?: number) =>
  put(`usr/libexec/os-apply-config/templates/${path}`, content, mode);

it.each([
  [['--key', 'db.host'], 'two'],
  [['--key', 'db.port', '--type', 'int'], '5432'],
  [['--key', 'db.url', '--type', 'dsn'], 'mysql://user:pw@host:3306/db'],
  [['--key=on', '--type=raw'], 'True'],
  [['--key', 'db', '--type', 'raw'], '{"host":"two","port":5432,"url":"mysql://user:pw@host:3306/db"}'],
  [['--key', 'none', '--key-default', 'a b!'], 'a b!'],
  [['--key', 'none', '--key-default', ''], ''],
])('prints for %j the value %s', async (words, value) => {
  expect(await run(...words)).toBe(0);
  expect(printed).toEqual([value]);
});

it.each([
  [['--key', 'none'], 'key none does not exist'],
  [['--key', 'db.host', '--type', 'int'], "cannot interpret value 'two' as type int"],
  [['--key', 'db.host', '--type', 'colour'], 'unknown type colour'],
  [['--subhash', 'on'], "key 'on' does not correspond to a hash"],
  [['--frobnicate'], 'unrecognised argument --frobnicate'],
])('refuses %j', async (words, message) => {
  await expect(run(...words)).rejects.toThrow(message);
});

it('answers truth by its exit status', async () => {
  expect(await run('--boolean-key', 'on')).toBe(0);
  expect(await run('--boolean-key', 'db.host')).toBe(1);
});

it('renders mustache without escaping, objects as JSON, and executables from the metadata on their input', async () => {
  template(
    'etc/plain',
    '{{db.host}} {{{db.host}}} {{on}} {{list}} {{missing}}|{{#list}}<{{.}}>{{/list}}{{^missing}}none{{/missing}} <&>\n',
  );
  template(
    'etc/made',
    '#!/usr/bin/env node\nprocess.stdout.write(Object.keys(JSON.parse(require("fs").readFileSync(0))).join())\n',
    0o755,
  );
  expect(await run()).toBe(0);
  expect(text('etc/plain')).toBe('two two true [1,2] |<1><2>none <&>\n');
  expect(text('etc/made')).toBe('db,on,list');
  expect(statSync(join(root, 'etc/plain')).mode & 0o777).toBe(0o644);
});

it('gives files the mode and owner of their control file, and removes empty ones when told', async () => {
  template('etc/secret', '{{db.host}}');
  template('etc/secret.oac', 'mode: 0600\nowner: me # the service\n');
  template('etc/gone', '{{missing}}');
  template('etc/gone.oac', 'allow_empty: false\n');
  put('etc/gone', 'from before');
  await run();
  expect(statSync(join(root, 'etc/secret'))).toMatchObject({ uid: 4711 });
  expect(statSync(join(root, 'etc/secret')).mode & 0o777).toBe(0o600);
  expect(existsSync(join(root, 'etc/gone'))).toBe(false);
  expect(existsSync(join(root, 'etc/secret.oac'))).toBe(false);
});

it('keeps mode and owner of a file that is there, and does not touch one that stays the same', async () => {
  template('etc/app', '{{db.host}}');
  put('etc/app', 'old', 0o640);
  await run();
  const before = statSync(join(root, 'etc/app'));
  expect(before.mode & 0o777).toBe(0o640);
  await run();
  expect(statSync(join(root, 'etc/app')).ino).toBe(before.ino);
});

it.each([
  ['a failing executable', { 'etc/b': '#!/bin/sh\necho why >&2\nexit 3\n' }, 'config script failed'],
  ['broken mustache', { 'etc/b': '{{#open}}' }, 'could not render mustache'],
  ['an unknown owner', { 'etc/b': '', 'etc/b.oac': 'owner: nobody-knows' }, 'not found in passwd'],
  ['a control file without template', { 'etc/b.oac': 'mode: 0644' }, 'does not exist'],
  ['a mode out of range', { 'etc/b': '', 'etc/b.oac': 'mode: 01777' }, 'out of range'],
])('refuses %s', async (_name, tree, message) => {
  for (const [path, content] of Object.entries(tree)) template(path, content, content.startsWith('#!') ? 0o755 : 0o644);
  await expect(run()).rejects.toThrow(message);
});

it('writes nothing when one template fails or when only validating', async () => {
  template('etc/a', 'fine');
  await run('--validate');
  expect(existsSync(join(root, 'etc/a'))).toBe(false);
  template('etc/b', '{{#open}}');
  await expect(run()).rejects.toThrow();
  expect(existsSync(join(root, 'etc/a'))).toBe(false);
});

it('reads the list that the collector left when no files are named', async () => {
  put('list.json', JSON.stringify([join(root, 'metadata/a.json')]));
  await applyCommand(['--key', 'db.host', '--os-config-files', join(root, 'list.json')], {
    paths: pathsUnder(root),
    env: {},
    print: (line) => printed.push(line),
    log: () => {},
  });
  expect(printed).toEqual(['one']);
});
