// The ramdisk's Node has no data of languages (elements/deploy-ramdisk/extra-data.d/40-node): the deploy agent must not ask for any.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../harness/repository.ts';

test('nothing of the deploy agent sorts, spells or dates by a language', () => {
  const agent = join(repository, 'src/agent');
  const files = readdirSync(agent, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.ts$/.test(name) && !/\.test\.ts$|^config\/|(^|\/)testing\//.test(name),
  );
  expect(files.length).toBeGreaterThan(50);
  const asking = files.filter((name) =>
    /\b(localeCompare|toLocale\w*|Intl)\b/.test(readFileSync(join(agent, name), 'utf8')),
  );
  expect(asking).toEqual([]);
});
