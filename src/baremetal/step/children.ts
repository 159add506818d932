// Plans a step that runs on the nodes within a node, such as the cards and enclosures that have BMCs of their own.
import type { Transaction } from '../../database/index.ts';
import type { StepKind } from '../../hardware/index.ts';
import { errors } from '../errors.ts';
import { driverOf } from '../node/interfaces.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';
import { planSteps } from './plan.ts';
import { nameOf, type PlannedStep, type Step } from './step.ts';

/**
 * The steps with who carries them out, on the node or on nodes within it. Throws 400 for a child that is not there, and for
 * a step that a child does not offer or that no child can run: one of its ramdisk, or one that waits for a person or a time.
 */
export async function planWithChildren(
  parts: Pick<Parts, 'hardware'>,
  tx: Transaction,
  node: NodeRow,
  kind: StepKind,
  steps: readonly Step[],
  options: { readonly ramdisk: boolean },
): Promise<PlannedStep[]> {
  const all = steps.some(({ onChildren }) => onChildren !== undefined) ? await childrenOf(tx, node) : [];
  return steps.flatMap((step) => {
    if (step.onChildren === undefined)
      return planSteps(driverOf(parts.hardware, node.driver), node, kind, [step], options);
    const children = chosen(node, all, step.onChildren).map((child) => {
      const planned = planSteps(driverOf(parts.hardware, child.driver), child, kind, [step], { ramdisk: false });
      return { node: child.uuid, by: planned[0]?.by ?? 'driver' };
    });
    if (step.step === 'hold' || step.step === 'wait')
      throw errors.Invalid(`The ${kind} step ${nameOf(step)} can not run on child nodes.`);
    return [{ ...step, by: 'program' as const, needsRamdisk: false, abortable: false, children }];
  });
}

/** The nodes within the node that any of the steps runs on. Throws 400 for one that is not there. */
export async function childrenOfSteps(tx: Transaction, node: NodeRow, steps: readonly Step[]): Promise<NodeRow[]> {
  const wanted = steps.flatMap(({ onChildren }) => (onChildren === undefined ? [] : [onChildren]));
  if (wanted.length === 0) return [];
  const all = await childrenOf(tx, node);
  return wanted.flatMap((one) => chosen(node, all, one));
}

function childrenOf(tx: Transaction, node: NodeRow): Promise<NodeRow[]> {
  return tables(tx)
    .selectFrom('baremetal_nodes')
    .selectAll()
    .where('parent_node', '=', node.uuid)
    .orderBy('id')
    .execute();
}

function chosen(node: NodeRow, all: readonly NodeRow[], wanted: 'all' | readonly string[]): readonly NodeRow[] {
  if (wanted === 'all') return all;
  const unknown = wanted.find((ident) => !all.some(({ uuid, name }) => uuid === ident || name === ident));
  if (unknown !== undefined) throw errors.Invalid(`Node ${node.uuid} has no child node ${unknown}.`);
  return all.filter(({ uuid, name }) => wanted.includes(uuid) || (name !== null && wanted.includes(name)));
}
