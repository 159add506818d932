// Templates read from files, with what they name.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readInput } from './files.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'template-files-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (template: string) =>
  readInput({ template: join(folder, template), environments: [], parameters: [] }).input;

test('a template that names itself is read to an end', () => {
  writeFileSync(join(folder, 'self.yaml'), 'heat_template_version: 2018-08-31\nresources: {me: {type: self.yaml}}\n');
  expect(inspect(read('self.yaml').template, { depth: 5 })).toContain(`'type' => '${join(folder, 'self.yaml')}'`);
});

test('a file that cannot be read is named', () => {
  expect(() => read('missing.yaml')).toThrow(`${join(folder, 'missing.yaml')} cannot be read: ENOENT`);
  expect(() => read('.')).toThrow(`${folder} cannot be read: EISDIR`);
});
