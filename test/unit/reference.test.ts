// What the generated reference relies on: routes that describe themselves, rules that exist, errors that can be read.
import { expect, test } from 'vitest';
import { readCatalogue } from '../../docs/generator/errors.ts';
import { table } from '../../docs/generator/markdown.ts';
import { describeServices } from '../../docs/generator/services.ts';
import { catalogue, fault } from '../../src/openstack/index.ts';

const { apis, machineApis } = await describeServices();

test('every route says what it does', () => {
  const silent = [...apis, ...machineApis].flatMap((api) =>
    api.routes.filter(({ summary }) => summary.trim() === '').map(({ method, path }) => `${method} ${api.path}${path}`),
  );
  expect(silent).toEqual([]);
});

test('every rule that a route names has a default', () => {
  const unknown = apis.flatMap((api) =>
    api.routes
      .filter(({ policy }) => policy !== null && !Object.hasOwn(api.policy, policy))
      .map(({ method, path, policy }) => `${method} ${api.path}${path}: ${policy}`),
  );
  expect(unknown).toEqual([]);
});

test('an error is shown with the names of what it is made with', () => {
  const errors = catalogue({
    Full: fault(
      409,
      (rack: string, units: readonly number[]) => `Rack ${rack} has no room at ${units.join(', ')}.`,
      'Free one.',
    ),
  });
  expect(readCatalogue(errors)).toEqual([
    { kind: 'Full', status: 409, code: '', message: 'Rack {rack} has no room at {units}.', hint: 'Free one.' },
  ]);
});

test('a table leaves out columns that are empty and escapes what would end a cell', () => {
  expect(table(['A', 'B', 'C'], [['x|y', '', 'z']])).toBe('| A | C |\n| --- | --- |\n| x\\|y | z |');
});
