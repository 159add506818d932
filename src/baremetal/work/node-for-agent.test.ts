// What a RAID step of the ramdisk makes of the node.
import { expect, test } from 'vitest';
import { raidConfigAfter } from './node-for-agent.ts';

const made = { logical_disks: [{ size_gb: 'MAX', raid_level: '1', controller: 'software' }] };

test('what was made is what the node has; after a deletion it has nothing; other steps change nothing', () => {
  const step = (name: string, of = 'raid') => ({ interface: of, step: name });
  expect(raidConfigAfter(step('create_configuration'), made)).toEqual({ raid_config: JSON.stringify(made) });
  expect(raidConfigAfter(step('delete_configuration'), null)).toEqual({ raid_config: '{}' });
  expect(raidConfigAfter(step('create_configuration'), null)).toEqual({});
  expect(raidConfigAfter(step('erase_devices', 'deploy'), made)).toEqual({});
});
