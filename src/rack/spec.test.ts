// What a rack is made of follows from its options alone.
import { expect, test } from 'vitest';
import {
  defaultRackOptions,
  macAddress,
  machineUuid,
  mostMachines,
  optionsOf,
  rackSpec,
  specDifferences,
} from './spec.ts';

test('addresses are the same every time and differ between machines, NICs and racks', () => {
  expect(macAddress('ucrack0', 1, 0)).toBe(macAddress('ucrack0', 1, 0));
  const all = [macAddress('a', 1, 0), macAddress('a', 1, 1), macAddress('a', 2, 0), macAddress('b', 1, 0)];
  expect(new Set(all).size).toBe(4);
  for (const mac of [...all, macAddress('a', mostMachines, 7)]) expect(mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
});

test('a UUID has the form of RFC 4122', () => {
  expect(machineUuid('ucrack0', 1)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('machines the rack had before keep password and port when it grows', () => {
  const first = rackSpec({ ...defaultRackOptions, machines: 2 });
  const grown = rackSpec({ ...defaultRackOptions, machines: 3 }, first);
  expect(grown.machines.slice(0, 2).map((machine) => machine.bmc)).toEqual(
    first.machines.map((machine) => machine.bmc),
  );
  expect(new Set(grown.machines.map((machine) => machine.bmc.password)).size).toBe(3);
});

test('options read back from a spec make the same spec', () => {
  const options = {
    ...defaultRackOptions,
    machines: 4,
    memoryMb: 512,
    disks: 2,
    diskBus: 'nvme',
    nics: 2,
    firmware: 'uefi',
    kind: 'simulated',
  } as const;
  const spec = rackSpec(options);
  expect(optionsOf(spec)).toEqual(options);
  expect(specDifferences(spec, rackSpec(options, spec))).toEqual([]);
});

test('every interface name fits into Linux’s 15 bytes', () => {
  const spec = rackSpec({ ...defaultRackOptions, machines: mostMachines, nics: 8 });
  const taps = spec.machines.flatMap((machine) => machine.nics.map((nic) => nic.tap));
  expect(new Set(taps).size).toBe(taps.length);
  expect(Math.max(...taps.map((tap) => tap.length))).toBeLessThanOrEqual(15);
});

test.each([
  ['--name', { name: 'Too Long For A Device' }],
  ['--machines', { machines: 0 }],
  ['--machines', { machines: 1.5 }],
  ['--memory', { memoryMb: 1 }],
  ['--disk', { diskGb: -1 }],
  ['--nics', { nics: 9 }],
])('refuses a bad %s and names it', (flag, wrong) => {
  expect(() => rackSpec({ ...defaultRackOptions, ...wrong })).toThrow(flag);
});
