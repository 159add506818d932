// The steps of a build in the order they run, each with the digest of everything it depends on.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Element, type PackageWish, type PhaseFile, packagePhases, phaseFiles } from '../element/index.ts';

/** Phases in order; the ones of `inChroot` run inside the tree, the others outside it with TARGET_ROOT set. */
export const phases = [
  'root.d',
  'extra-data.d',
  'pre-install.d',
  'install.d',
  'post-install.d',
  'pre-finalise.d',
  'finalise.d',
  'cleanup.d',
] as const;
export type Phase = (typeof phases)[number];
const inChroot: ReadonlySet<Phase> = new Set(['pre-install.d', 'install.d', 'post-install.d', 'finalise.d']);

/** What follows these is changed most often: the base, and what an agent's bundle is added to. */
const layeredPhases: ReadonlySet<Phase> = new Set(['root.d', 'finalise.d']);

export type StepWork =
  | { readonly kind: 'script'; readonly phase: Phase; readonly file: PhaseFile; readonly inChroot: boolean }
  | {
      readonly kind: 'packages';
      readonly phase: Phase;
      /** Element whose packages these are, or the command line. */
      readonly owner: string;
      readonly install: readonly string[];
      readonly remove: readonly string[];
    };

/** One step; `digest` stands for the tree after it, `layer` says that this tree is kept for later builds. */
export interface Step {
  readonly name: string;
  readonly work: StepWork;
  readonly digest: string;
  readonly layer: boolean;
}

/** What a plan is made from. `wishes` gives each element's packages; `extraPackages` are the caller's own. */
export interface PlanInput {
  readonly elements: readonly Element[];
  readonly wishes: (element: Element) => readonly PackageWish[];
  readonly extraPackages: readonly string[];
  readonly variables: readonly (readonly [string, string])[];
  /** Files the base depends on besides elements: the machine's package sources. */
  readonly sources: readonly string[];
  /** Content of files that elements name in `file-inputs`. */
  readonly fileInput: (variable: string) => Uint8Array | undefined;
  readonly revision: string;
}

/**
 * The steps of a build. Digests are a chain: a step's covers all earlier steps, so equal digests mean equal trees as far
 * as elements, variables and sources decide them. Packages go in element by element, each set a layer of its own; a
 * change in the last element leaves the layers of the earlier ones in use.
 */
export function planSteps(input: PlanInput): Step[] {
  const works = phases.flatMap((phase) => worksOf(phase, input));
  const support = new Map(input.elements.map((element) => [element, supportFiles(element)]));
  let digest = hash([input.revision, ...input.sources.map((file) => readFileSync(file, 'utf8'))]);
  return works.map((work, index) => {
    const content =
      work.kind === 'script' ? scriptContent(work.file, support, input) : [...work.install, '-', ...work.remove];
    digest = hash([digest, work.kind, work.phase, nameOf(work), ...content]);
    const next = works[index + 1];
    const layer =
      next === undefined || work.kind === 'packages' || (next.phase !== work.phase && layeredPhases.has(work.phase));
    return { name: nameOf(work), work, digest, layer };
  });
}

function worksOf(phase: Phase, input: PlanInput): StepWork[] {
  const scripts = phaseFiles(input.elements, phase).map(
    (file): StepWork => ({ kind: 'script', phase, file, inChroot: inChroot.has(phase) }),
  );
  if (!packagePhases.some((known) => known === phase)) return scripts;
  const packages = (owner: string, install: readonly string[], remove: readonly string[] = []): StepWork[] =>
    install.length + remove.length > 0 ? [{ kind: 'packages', phase, owner, install, remove }] : [];
  const names = (element: Element, wanted: (wish: PackageWish) => boolean): string[] =>
    input
      .wishes(element)
      .filter(wanted)
      .map((wish) => wish.name)
      .sort();
  const installs = input.elements.flatMap((element) =>
    packages(
      element.name,
      names(element, (wish) => wish.phase === phase && !wish.uninstall),
    ),
  );
  if (phase === 'install.d') installs.push(...packages('named by the caller', [...input.extraPackages].sort()));
  // Packages that were only needed while building go at the very end of post-install.
  const removes =
    phase === 'post-install.d'
      ? input.elements.flatMap((element) =>
          packages(
            element.name,
            [],
            names(element, (wish) => wish.uninstall),
          ),
        )
      : [];
  return [...installs, ...scripts, ...removes];
}

function nameOf(work: StepWork): string {
  return work.kind === 'script' ? `${work.phase}/${work.file.name}` : `${work.phase}/packages ${work.owner}`;
}

/**
 * What a script's result depends on: its text, its element's other files and file inputs, and the variables that these
 * texts name. So an element with variables of its own leaves the base that it shares with other images alone.
 */
function scriptContent(file: PhaseFile, support: ReadonlyMap<Element, readonly Buffer[]>, input: PlanInput): Buffer[] {
  const texts = [readFileSync(file.path), ...(support.get(file.element) ?? [])];
  const named = input.variables.filter(([name]) => texts.some((text) => text.includes(name)));
  const inputs = file.element.fileInputs.flatMap((name) => [name, input.fileInput(name) ?? '']);
  return [...texts, ...[...named.flat(), ...inputs].map((part) => Buffer.from(part))];
}

/** Names, modes and contents of an element's files beside its phases and lists. */
function supportFiles(element: Element): Buffer[] {
  const parts: (string | Buffer)[] = [];
  const walk = (folder: string, place: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const isList = /\.d$|^(README|package-installs|pkg-map|element-)/.test(entry.name);
      if (place === '' && isList) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        walk(path, `${place}/${entry.name}`);
        continue;
      }
      const content = entry.isSymbolicLink() ? readlinkSync(path) : readFileSync(path);
      parts.push(`${place}/${entry.name}`, content, String(statSync(path).mode & 0o777));
    }
  };
  walk(element.folder, '');
  return parts.map((part) => Buffer.from(part));
}

/** SHA-256 over length-prefixed parts, so that ["ab","c"] and ["a","bc"] differ. */
export function hash(parts: readonly (string | Uint8Array)[]): string {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(`${Buffer.byteLength(part)}:`).update(part);
  return sum.digest('hex');
}
