// Tables of what machines say of themselves.
import { expect, test } from 'vitest';
import { renderTable } from './table.ts';

test('a cell with line breaks stays on its line, and none of its characters steers the terminal', () => {
  const rows = [
    ['node-1', 'first line\nsecond line'],
    ['n2', '\u001b[2Jnothing\u0007 is wrong\u009b'],
  ];
  expect(renderTable(['name', 'note'], rows).split('\n')).toEqual([
    'NAME    NOTE',
    'node-1  first line second line',
    'n2       [2Jnothing  is wrong',
  ]);
});
