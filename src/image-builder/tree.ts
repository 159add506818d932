// Brings a tree to the end of its steps, from the latest layer that is still good.
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Element } from './element/index.ts';
import type { LayerCache } from './layer-cache.ts';
import type { BuildProgress } from './options.ts';
import { type BuildPlaces, runStep, type Step } from './step/index.ts';

/** What the steps run with. */
export interface TreeRequest {
  readonly steps: readonly Step[];
  readonly elements: readonly Element[];
  readonly environment: Readonly<Record<string, string>>;
  readonly layers: LayerCache;
  readonly work: string;
  readonly packageCache: string;
  readonly log: string;
  readonly refresh: boolean;
  readonly progress: BuildProgress;
  readonly signal?: AbortSignal;
}

/**
 * Returns the folder of the finished tree, which is a kept layer and must not be written to. Runs the steps after the
 * last kept layer; a failure leaves the layers before it for the next attempt. Throws `step_failed`.
 */
export async function buildTree(request: TreeRequest): Promise<string> {
  const { steps, layers, log, progress } = request;
  const kept = request.refresh
    ? -1
    : steps.findLastIndex((step) => step.layer && layers.find(step.digest) !== undefined);
  const from = steps[kept];
  if (from) {
    progress({ kind: 'cached', step: `${kept + 1} of ${steps.length} steps, to ${from.name}` });
    await layers.touch(from.digest);
    if (kept === steps.length - 1) return layers.find(from.digest) ?? '';
  }
  await mkdir(request.work, { recursive: true });
  const work = await mkdtemp(join(request.work, `tree-${process.pid}-`));
  try {
    const places: BuildPlaces = {
      root: join(work, 'root'),
      hooks: join(work, 'hooks'),
      packageCache: request.packageCache,
    };
    await gatherHooks(request.elements, places.hooks);
    const start = from && layers.find(from.digest);
    if (start) await layers.copy(start, places.root, log);
    else await mkdir(places.root);
    for (const [index, step] of steps.entries()) {
      if (index <= kept) continue;
      const began = performance.now();
      progress({ kind: 'started', step: step.name, done: index, total: steps.length });
      await runStep(step, places, request.environment, log, request.signal);
      if (step.layer && index < steps.length - 1) await layers.keep(step.digest, places.root, log);
      progress({
        kind: 'finished',
        step: step.name,
        seconds: (performance.now() - began) / 1000,
        done: index + 1,
        total: steps.length,
      });
    }
    const last = steps.at(-1)?.digest ?? '';
    await layers.adopt(last, places.root);
    return layers.find(last) ?? '';
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Lays the files of all elements over each other in one folder, later elements on top, as scripts expect them. */
async function gatherHooks(elements: readonly Element[], hooks: string): Promise<void> {
  await mkdir(hooks);
  for (const element of elements) await cp(element.folder, hooks, { recursive: true, verbatimSymlinks: true, mode: 0 });
}
