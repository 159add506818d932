// The stock `openstack` command against image, subcommand by subcommand.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type Commands, testCommands } from '../identity/testing/commands.ts';
import { createImages } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'image-commands-'));
afterAll(() => rmSync(folder, { recursive: true }));
const disk = join(folder, 'disk.raw');
writeFileSync(disk, randomBytes(300_000));
const damaged = join(folder, 'backed.qcow2');
writeFileSync(
  damaged,
  Buffer.concat([Buffer.from('QFI\xfb\0\0\0\x03\0\0\0\0\0\0\x02\0', 'latin1'), Buffer.alloc(600)]),
);

const commands: Commands = [
  ['image create empty --disk-format raw --container-format bare', /"status": "queued"/],
  [
    `image create one --disk-format raw --container-format bare --file ${disk} --min-disk 2 --min-ram 512`,
    /"min_disk": 2/,
  ],
  [
    'image create two --disk-format qcow2 --container-format bare --public --protected --tag red --property os_distro=debian',
    /"visibility": "public"/,
  ],
  [`image create bad --disk-format qcow2 --container-format bare --file ${damaged}`, /backing file/],
  ['image show one', /"size": 300000/],
  ['image show bad', /No Image found/],
  ['image list', /"Name": "one"/],
  ['image list --long', /"Disk Format": "raw"/],
  ['image list --public', /^(?![\s\S]*"Name": "one")[\s\S]*"Name": "two"/],
  ['image list --property os_distro=debian', /^(?![\s\S]*"Name": "one")[\s\S]*"Name": "two"/],
  ['image list --name one --status active', /"Name": "one"/],
  ['image list --sort name:desc --limit 1', /"Name": "two"/],
  ['image list --tag red', /"Name": "two"/],
  ['image delete two', /protected/],
  ['image set two --unprotected --name second --property os_version=12 --tag blue', /^$/],
  ['image unset second --property os_distro --tag red', /^$/],
  ['image show second', /^(?![\s\S]*os_distro)[\s\S]*"os_version": "12"/],
  ['image set one --hidden', /^$/],
  ['image list --name one', /^\[\]$/],
  ['image list --hidden', /"Name": "one"/],
  ['image set one --unhidden --shared', /^$/],
  ['image add project one service', /pending/],
  ['image member list one', /"pending"/],
  ['image set one --project service --accept', /^$/],
  ['image member list one', /"accepted"/],
  ['image remove project one service', /^$/],
  ['image member list one', /^\[\]$/],
  ['image set one --deactivate', /^$/],
  ['image show one', /"status": "deactivated"/],
  ['image set one --activate', /^$/],
  [`image save one --file ${join(folder, 'saved.raw')}`, /^$/],
  [`!cmp ${join(folder, 'saved.raw')} ${disk} && echo same`, /^same$/],
  ['image delete one second empty', /^$/],
  ['image list', /^\[\]$/],
  ['image show one', /No Image found for one/],
];

testCommands({ type: 'image', name: 'glance', open: (database) => createImages({ database, folder }).api }, commands);
