// What flavors ask of placement.
import { expect, test } from 'vitest';
import type { FlavorSnapshot, Texts } from '../tables.ts';
import { capabilitiesOf, placementRequest } from './request.ts';

const flavor = (extraSpecs: Texts): FlavorSnapshot => ({
  id: 'f',
  name: 'f',
  ramMb: 1024,
  vcpus: 2,
  diskGb: 10,
  ephemeralGb: 1,
  swapMb: 1500,
  extraSpecs,
});

test('a flavor asks for its processors, memory and disk', () => {
  expect(placementRequest(flavor({}))).toMatchObject({
    request: { resources: { VCPU: 2, MEMORY_MB: 1024, DISK_GB: 13 }, requiredTraits: [], forbiddenTraits: [] },
  });
});

test('extra specs replace resources, leave them out at zero and add traits; so do the traits of an image', () => {
  const specs = {
    'resources:VCPU': '0',
    'resources:MEMORY_MB': '0',
    'resources:DISK_GB': '0',
    'resources:CUSTOM_BAREMETAL': '1',
    'trait:CUSTOM_GPU': 'required',
    'trait:CUSTOM_SLOW': 'forbidden',
    'capabilities:boot_mode': 'uefi',
  };
  expect(placementRequest(flavor(specs), { 'trait:HW_CPU_X86_AVX': 'required', os_distro: 'debian' })).toEqual({
    kind: 'request',
    traits: ['CUSTOM_GPU', 'HW_CPU_X86_AVX'],
    request: {
      resources: { CUSTOM_BAREMETAL: 1 },
      requiredTraits: ['CUSTOM_GPU', 'HW_CPU_X86_AVX'],
      forbiddenTraits: ['CUSTOM_SLOW'],
    },
  });
  expect(capabilitiesOf(flavor(specs))).toEqual({ boot_mode: 'uefi' });
});

test.each([
  [{ 'resources:CUSTOM_X': 'many' }, 'WHOLE NUMBER'],
  [{ 'resources:custom': '1' }, 'WHOLE NUMBER'],
  [{ 'trait:CUSTOM_X': 'wanted' }, '"required" or "forbidden"'],
  [{ 'resources1:VCPU': '1' }, 'groups of resources'],
  [{ 'resources:VCPU': '0', 'resources:MEMORY_MB': '0', 'resources:DISK_GB': '0' }, 'no resource at all'],
])('says what is wrong with %j', (specs, words) => {
  const answer = placementRequest(flavor(specs));
  expect(answer.kind === 'invalid' && answer.reason).toContain(words);
});
