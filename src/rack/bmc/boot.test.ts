// Boot settings in, boot order out.
import { expect, test } from 'vitest';
import { afterBoot, bootPlan } from './boot.ts';
import { type BmcState, freshState } from './state.ts';

const now = new Date('2026-01-01T00:00:00Z');
const fresh = freshState('bios', now);
const disc = { image: 'http://h/a.iso', file: '/a.iso', writeProtected: true };
const withBoot = (boot: Partial<BmcState['boot']>, media?: BmcState['media']): BmcState => ({
  ...fresh,
  boot: { ...fresh.boot, ...boot },
  ...(media ? { media } : {}),
});

test.each([
  ['no override', {}, undefined, 'disk network'],
  ['no override, a disc in the drive', {}, disc, 'disk network cd'],
  ['network once', { target: 'Pxe', enabled: 'Once' }, undefined, 'network disk'],
  ['CD for good', { target: 'Cd', enabled: 'Continuous' }, disc, 'cd disk network'],
  ['disk', { target: 'Hdd', enabled: 'Once' }, undefined, 'disk network'],
  ['an override that is disabled', { target: 'Pxe', enabled: 'Disabled' }, undefined, 'disk network'],
  ['HTTP by DHCP', { target: 'UefiHttp', enabled: 'Once' }, undefined, 'network disk'],
  [
    'HTTP with an address',
    { target: 'UefiHttp', enabled: 'Once', httpBootUri: 'http://h/a.iso' },
    disc,
    'cd disk network',
  ],
  ['another lasting order', { order: ['Boot0002', 'Boot0001'] }, undefined, 'network disk'],
] as const)('%s: %j', (_, boot, media, order) => {
  expect(
    bootPlan(withBoot({ ...boot, order: 'order' in boot ? [...boot.order] : fresh.boot.order }, media)).order.join(' '),
  ).toBe(order);
});

test('a boot spends an override for once and keeps a continuous one', () => {
  expect(afterBoot(withBoot({ target: 'Pxe', enabled: 'Once' }), now).boot).toEqual(fresh.boot);
  const lasting = withBoot({ target: 'Pxe', enabled: 'Continuous' });
  expect(afterBoot(lasting, now).boot).toEqual(lasting.boot);
});
