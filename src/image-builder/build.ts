// An image build from its options to its artefacts: elements, steps, tree, disk or ramdisk.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArtefactRequest, diskArtefacts, partitionArtefacts, ramdiskArtefacts } from './artefacts.ts';
import {
  buildEnvironment,
  decidingVariables,
  type Element,
  findElement,
  packageWishes,
  resolveElements,
} from './element/index.ts';
import { ImageBuildError } from './errors.ts';
import { LayerCache } from './layer-cache.ts';
import type { BuildProgress, BuiltImage, ImageArtefact, ImageBuildOptions, ImageKind } from './options.ts';
import { checkRequirements } from './requirements.ts';
import { hash, planSteps, type Step } from './step/index.ts';
import { sweep } from './sweep.ts';
import { buildTree } from './tree.ts';

/** Raised when the builder itself changes what it makes from the same inputs. */
const revision = '1';
const arch = 'amd64';

const artefactsOf: Readonly<Record<ImageKind, (request: ArtefactRequest) => Promise<ImageArtefact[]>>> = {
  disk: diskArtefacts,
  partition: partitionArtefacts,
  ramdisk: ramdiskArtefacts,
};

/**
 * Builds an image, or finds that nothing changed since it was last built: then it only reads the elements (well under a
 * second). Artefacts and `NAME.json`, which describes them, appear in `options.folder` only when they are whole.
 * Throws ImageBuildError.
 */
export async function buildImage(
  options: ImageBuildOptions,
  progress: BuildProgress = () => undefined,
): Promise<BuiltImage> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const { elements, steps, environment, packageCache } = await planBuild(options);
  const digest = hash([
    steps.at(-1)?.digest ?? '',
    revision,
    options.kind,
    options.commandLine,
    JSON.stringify(options.sizes),
  ]);
  const description = join(options.folder, `${options.name}.json`);
  const before = options.refresh || options.rawOutput ? undefined : await readDescription(description, digest);
  if (before) return { name: options.name, digest, artefacts: before, seconds: seconds(), fromCache: true };

  checkRequirements(options.kind, process.getuid?.() ?? 0);
  const logs = join(options.folder, 'logs');
  await mkdir(logs, { recursive: true });
  await mkdir(packageCache, { recursive: true });
  const log = join(logs, `${options.name}-${new Date().toISOString().replaceAll(':', '')}.log`);
  await writeFile(log, '');
  const scratch = join(options.folder, 'cache', 'work');
  await sweep(scratch);
  await sweep(join(options.folder, 'cache', 'layers'));
  const layers = new LayerCache(join(options.folder, 'cache', 'layers'));
  const signal = options.signal ? { signal: options.signal } : {};
  const tree = await buildTree({
    steps,
    elements,
    environment,
    layers,
    work: scratch,
    packageCache,
    log,
    refresh: options.refresh ?? false,
    progress,
    ...signal,
  });
  await mkdir(scratch, { recursive: true });
  const work = await mkdtemp(join(scratch, `disk-${process.pid}-`));
  try {
    const request = { options, tree, digest, work, log, progress };
    const artefacts = await artefactsOf[options.kind](request);
    await writeFile(`${description}.unfinished`, `${JSON.stringify({ digest, artefacts }, null, 2)}\n`);
    await rename(`${description}.unfinished`, description);
    return { name: options.name, digest, artefacts, seconds: seconds(), fromCache: false };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function planBuild(
  options: ImageBuildOptions,
): Promise<{ elements: Element[]; steps: Step[]; environment: Record<string, string>; packageCache: string }> {
  const elements = resolveElements(options.elements, (name) => findElement(name, options.elementsPath));
  if (!elements.some((element) => element.provides.includes('operating-system'))) {
    throw new ImageBuildError(
      'operating_system_missing',
      `none of ${options.elements.join(', ')} provides operating-system`,
    );
  }
  const used = new Set(elements.flatMap((element) => element.fileInputs));
  const files = Object.fromEntries(Object.entries(options.files).filter(([variable]) => used.has(variable)));
  for (const variable of used) {
    const file = files[variable];
    if (file === undefined || !existsSync(file))
      throw new ImageBuildError('agent_missing', `the elements need the file ${file ?? variable}, which is not there`);
  }
  const packageCache = join(options.folder, 'cache', 'packages');
  const { elementsPath } = options;
  const environment = await buildEnvironment({
    caller: { ...options.environment, UNDERCLOUD_IMAGE_CMDLINE: options.commandLine },
    imageName: options.name,
    elements,
    elementsPath,
    arch,
    packageCache,
    files,
  });
  const context = { arch, distro: environment.DISTRO_NAME ?? 'debian', environment };
  const steps = planSteps({
    elements,
    wishes: (element) => packageWishes(element, context),
    extraPackages: options.packages,
    variables: decidingVariables(environment, files),
    sources: aptSources('/etc/apt'),
    fileInput: (variable) => {
      const file = files[variable];
      return file === undefined ? undefined : readFileSync(file);
    },
    revision,
  });
  return { elements, steps, environment, packageCache };
}

/** The files that name this machine's package sources. */
function aptSources(folder: string): string[] {
  const list = join(folder, 'sources.list.d');
  const more = existsSync(list)
    ? readdirSync(list)
        .filter((name) => /\.(list|sources)$/.test(name))
        .sort()
        .map((name) => join(list, name))
    : [];
  return [join(folder, 'sources.list'), ...more].filter(existsSync);
}

/** The artefacts of an earlier build with this digest, when they are all there. */
async function readDescription(file: string, digest: string): Promise<ImageArtefact[] | undefined> {
  if (!existsSync(file)) return undefined;
  const found: { digest?: string; artefacts?: ImageArtefact[] } = JSON.parse(await readFile(file, 'utf8'));
  if (found.digest !== digest || !found.artefacts) return undefined;
  for (const artefact of found.artefacts) {
    if (!existsSync(artefact.path) || (await stat(artefact.path)).size !== artefact.sizeBytes) return undefined;
  }
  return found.artefacts;
}
