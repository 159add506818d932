// The page of provision states says what the table says.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { provisionStatesPage } from './reference.ts';

const page = join(import.meta.dirname, '../../../docs/reference/provision-states.md');

test('docs/reference/provision-states.md is up to date', () => {
  if (process.env.UPDATE_DOCS) {
    mkdirSync(dirname(page), { recursive: true });
    writeFileSync(page, provisionStatesPage());
  }
  expect(readFileSync(page, 'utf8')).toBe(provisionStatesPage());
});
