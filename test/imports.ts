// Fails when a module imports against the order of the layers, or past another module's public face.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

/** Highest layer first: a module may import modules of its own layer only where `within` allows it, and of lower layers always. */
const layers: readonly (readonly string[])[] = [
  ['server'],
  ['orchestration'],
  ['compute'],
  ['baremetal'],
  ['network', 'image', 'placement'],
  ['identity'],
  ['operations'],
  ['events'],
  ['openstack'],
  ['database'],
];
/** These import no service (and nothing of each other but what is listed). */
const standalone: Readonly<Record<string, readonly string[]>> = {
  hardware: [],
  boot: [],
  agent: [],
  'image-builder': [],
  rack: ['agent'],
  cli: ['server', 'rack', 'image-builder', 'orchestration'],
};
/** Services that may drive the standalone modules. */
const users: Readonly<Record<string, readonly string[]>> = {
  server: ['hardware', 'boot', 'agent'],
  baremetal: ['hardware', 'boot', 'agent'],
  orchestration: [],
};

const root = normalize(join(import.meta.dirname, '..', 'src'));
const rank = new Map(layers.flatMap((names, index) => names.map((name) => [name, index] as const)));

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

function allowed(from: string, to: string): boolean {
  if (from === to) return true;
  const fromStandalone = standalone[from];
  if (fromStandalone) return fromStandalone.includes(to);
  if (to in standalone) return users[from]?.includes(to) ?? false;
  const a = rank.get(from);
  const b = rank.get(to);
  return a !== undefined && b !== undefined && a < b;
}

const faults: string[] = [];
for (const file of files(root)) {
  const place = relative(root, file);
  const from = place.split('/')[0] ?? '';
  if (!rank.has(from) && !(from in standalone))
    faults.push(`${place}: folder src/${from} is in no layer of test/imports.ts`);
  for (const match of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)) {
    const target = relative(root, normalize(join(dirname(file), match[1] ?? '')));
    const to = target.split('/')[0] ?? '';
    if (target.startsWith('..') || from === to) continue;
    const isTest = /\.test\.ts$|\/testing\//.test(place);
    if (!allowed(from, to) && !isTest) faults.push(`${place}: src/${from} may not import src/${to}`);
    // A module's public faces are its index.ts and, for modules with several parts, the parts' index.ts.
    if (!/(^|\/)index\.ts$/.test(target) && !/\/testing\//.test(target)) {
      faults.push(`${place}: import ${to} through an index.ts, not ${target}`);
    }
  }
}
for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? 'imports: in order' : `imports: ${faults.length} out of order`);
process.exitCode = faults.length === 0 ? 0 : 1;
