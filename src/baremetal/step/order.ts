// In which order steps run: pure functions over lists of steps.
import { nameOf, type Step } from './step.ts';

/** Among steps of one priority the interface decides. */
const interfaceOrder = ['power', 'management', 'firmware', 'deploy', 'bios', 'raid', 'vendor'];

/** Highest priority first; steps of priority 0 are switched off. */
export function byPriority<Given extends Step>(steps: readonly Given[]): Given[] {
  const place = (step: Given) => interfaceOrder.indexOf(step.interface);
  return steps.filter(({ priority }) => priority > 0).sort((a, b) => b.priority - a.priority || place(a) - place(b));
}

/** The steps of several sources; of steps with the same name the one of the earlier source counts. */
export function merged(...sources: readonly (readonly Step[])[]): Step[] {
  const taken = new Set<string>();
  return sources.flatMap((source) => {
    const news = source.filter((step) => !taken.has(nameOf(step)));
    for (const step of news) taken.add(nameOf(step));
    return news;
  });
}

/** The steps before and after the image is written, which has a place of its own among them. */
export function aroundCore<Given extends Step>(
  steps: readonly Given[],
  core: number,
): { before: Given[]; after: Given[] } {
  const ordered = byPriority(steps);
  return {
    before: ordered.filter(({ priority }) => priority > core),
    after: ordered.filter(({ priority }) => priority <= core),
  };
}

/** The steps before the first that needs the ramdisk, and that one with all that follow. */
export function beforeRamdisk<Given extends { readonly needsRamdisk: boolean }>(
  steps: readonly Given[],
): { lead: Given[]; rest: Given[] } {
  const first = steps.findIndex(({ needsRamdisk }) => needsRamdisk);
  const place = first === -1 ? steps.length : first;
  return { lead: steps.slice(0, place), rest: steps.slice(place) };
}
