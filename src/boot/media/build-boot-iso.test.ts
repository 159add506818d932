// What a boot ISO holds, read back from its bytes.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBootIso } from './build-boot-iso.ts';
import { commandLineBytes, fillPlaceholder, findPlaceholders, placeholder } from './placeholder.ts';

describe('the place of the command line', () => {
  it('is found wherever it stands', () => {
    const image = Buffer.concat([
      Buffer.alloc(700),
      Buffer.from(placeholder),
      Buffer.alloc(5),
      Buffer.from(placeholder),
    ]);
    expect(findPlaceholders(image, 1000)).toEqual([1700, 1705 + commandLineBytes]);
  });

  it('is filled to its end with spaces', () => {
    const filled = fillPlaceholder(' a=1   b=2 ').toString();
    expect([filled.length, filled.trimEnd()]).toEqual([commandLineBytes, 'a=1 b=2']);
  });

  it('refuses a command line that is too long, in numbers', () => {
    expect(() => fillPlaceholder('x'.repeat(1537))).toThrow('has 1537 bytes, an ISO has room for 1536');
  });
});

const hasPrograms = ['xorriso', 'mcopy'].every((program) => spawnSync(program, ['--version']).status === 0);

describe.skipIf(!hasPrograms)('a boot ISO (skipped without xorriso and mtools)', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'boot-media-'));
    writeFileSync(join(folder, 'kernel'), Buffer.alloc(300_000, 'k'));
    writeFileSync(join(folder, 'initrd'), Buffer.alloc(900_000, 'i'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const build = (name: string, cmdline: string) =>
    buildBootIso({
      kernel: join(folder, 'kernel'),
      initrd: join(folder, 'initrd'),
      cmdline,
      output: join(folder, name),
    });
  const extract = (iso: string, path: string) => {
    const output = join(folder, 'extracted');
    rmSync(output, { force: true });
    execFileSync('xorriso', ['-osirrox', 'on', '-indev', join(folder, iso), '-extract', path, output], {
      stdio: 'ignore',
    });
    return output;
  };

  it('tells BIOS and UEFI loaders the same command line', async () => {
    await build('one.iso', 'ipa-api-url=http://h BOOTIF=52:54:00:00:00:01');
    expect(readFileSync(extract('one.iso', '/isolinux/isolinux.cfg'), 'utf8')).toMatch(
      / APPEND ipa-api-url=http:\/\/h BOOTIF=52:54:00:00:00:01 *\n/,
    );
    const efi = extract('one.iso', '/efi.img');
    const entry = execFileSync('mtype', ['-i', efi, '::/loader/entries/deploy.conf'], { encoding: 'utf8' });
    expect(entry).toMatch(/options ipa-api-url=http:\/\/h BOOTIF=52:54:00:00:00:01 *\n/);
    expect(readFileSync(extract('one.iso', '/initrd')).length).toBe(900_000);
  });

  it('makes the next node’s ISO from the template of the first', async () => {
    await build('two.iso', 'BOOTIF=2');
    await build('three.iso', 'BOOTIF=3');
    expect(readFileSync(extract('three.iso', '/isolinux/isolinux.cfg'), 'utf8')).toContain('APPEND BOOTIF=3 ');
    expect(readdirSync(folder).filter((name) => /^template-.*\.iso$/.test(name))).toHaveLength(1);
  });
});
