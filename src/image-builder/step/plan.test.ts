// The order of a build's steps, and which changes reach which layers.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findElement } from '../element/index.ts';
import { hash, type PlanInput, planSteps } from './plan.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'elements-'));
  write('os/root.d/10-base', 'debootstrap $RELEASE');
  write('os/cleanup.d/90-clean', 'rm');
  write('web/install.d/50-web', 'install');
  write('web/static/site', 'hello');
  write('os/install.d/40-os', 'os');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string, mode = 0o755): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

function plan(changes: Partial<PlanInput> = {}) {
  return planSteps({
    elements: ['os', 'web'].map((name) => findElement(name, [folder])),
    wishes: (element) => [{ name: `${element.name}-package`, phase: 'install.d', uninstall: false }],
    extraPackages: [],
    variables: [],
    sources: [],
    fileInput: () => undefined,
    revision: '1',
    ...changes,
  });
}
/** Names of the steps whose digest differs. */
function changed(before: ReturnType<typeof plan>, after: ReturnType<typeof plan>): string[] {
  const known = new Set(before.map((step) => step.digest));
  return after.filter((step) => !known.has(step.digest)).map((step) => step.name);
}

describe('the order of steps', () => {
  it('goes by phase, then packages by element, then scripts by number across elements', () => {
    expect(plan().map((step) => step.name)).toEqual([
      'root.d/10-base',
      'install.d/packages os',
      'install.d/packages web',
      'install.d/40-os',
      'install.d/50-web',
      'cleanup.d/90-clean',
    ]);
  });

  it('keeps layers after the base, after each set of packages and at the end', () => {
    expect(plan().map((step) => step.layer)).toEqual([true, true, true, false, false, true]);
  });

  it('passes over files that are not executable', () => {
    write('web/install.d/60-notes', 'not a script', 0o644);
    expect(plan()).toHaveLength(6);
  });

  it('removes packages that were only needed for the build at the end of post-install', () => {
    const steps = plan({
      wishes: (element) => (element.name === 'web' ? [{ name: 'gcc', phase: 'install.d', uninstall: true }] : []),
    });
    expect(steps.map((step) => step.name)).toContain('post-install.d/packages web');
  });

  it('gives the caller’s own packages a layer of their own behind those of elements', () => {
    const steps = plan({ extraPackages: ['vim'] });
    expect(steps.slice(0, 4).map((step) => step.name)).toEqual([
      'root.d/10-base',
      'install.d/packages os',
      'install.d/packages web',
      'install.d/packages named by the caller',
    ]);
  });
});

describe('what a change reaches', () => {
  it('leaves everything alone when nothing changed', () => {
    expect(changed(plan(), plan())).toEqual([]);
  });

  it('leaves the packages alone when a script changes', () => {
    const before = plan();
    write('web/install.d/50-web', 'install more');
    expect(changed(before, plan())).toEqual(['install.d/50-web', 'cleanup.d/90-clean']);
  });

  it('counts the other files of an element for its scripts', () => {
    const before = plan();
    write('web/static/site', 'hello again');
    expect(changed(before, plan())).toEqual(['install.d/50-web', 'cleanup.d/90-clean']);
  });

  it('counts a variable only from the first script on that names it', () => {
    const before = plan({
      variables: [
        ['OTHER', '1'],
        ['RELEASE', 'a'],
      ],
    });
    expect(
      changed(
        before,
        plan({
          variables: [
            ['OTHER', '2'],
            ['RELEASE', 'a'],
          ],
        }),
      ),
    ).toEqual([]);
    expect(
      changed(
        before,
        plan({
          variables: [
            ['OTHER', '1'],
            ['RELEASE', 'b'],
          ],
        }),
      ),
    ).toHaveLength(6);
  });

  it('counts the content of file inputs for the element that names them', () => {
    write('web/file-inputs', 'AGENT\n', 0o644);
    const before = plan({ fileInput: () => Buffer.from('old') });
    expect(changed(before, plan({ fileInput: () => Buffer.from('new') }))).toEqual([
      'install.d/50-web',
      'cleanup.d/90-clean',
    ]);
  });
});

it('tells apart parts that read alike when joined', () => {
  expect(hash(['ab', 'c'])).not.toBe(hash(['a', 'bc']));
});
