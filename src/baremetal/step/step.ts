// What a step is, and which ones this program itself knows how to do on any node.
import { type TObject, Type } from '@sinclair/typebox';
import type { Json } from '../../operations/index.ts';

/** Written as a type, so that it is JSON to the compiler too. */
export type Step = {
  readonly interface: string;
  readonly step: string;
  readonly args: { readonly [name: string]: Json };
  /** Higher runs earlier; 0 where the order given counts. */
  readonly priority: number;
  /** Runs on nodes within the node instead of on itself: on all of them, or on those with these UUIDs or names. */
  readonly onChildren?: 'all' | readonly string[];
};

export type PlannedStep = Step & {
  /** Who carries it out: this program, the driver through the BMC, or the agent in the ramdisk. */
  readonly by: 'program' | 'driver' | 'ramdisk';
  readonly needsRamdisk: boolean;
  /** May a person end the work while it runs? */
  readonly abortable: boolean;
  /** The nodes that it runs on, instead of the one that it was asked of. */
  readonly children?: readonly ChildStep[];
};

export type ChildStep = { readonly node: string; readonly by: PlannedStep['by'] };

export const stepInterfaces = ['bios', 'deploy', 'firmware', 'management', 'power', 'raid', 'vendor'] as const;

const strict = { additionalProperties: false } as const;
const nothing = Type.Object({}, strict);

/** Steps of the program (Ironic's reserved ones): they need no driver and no interface. */
export const ownSteps: Readonly<Record<string, TObject>> = {
  /** Stops until somebody says `unhold`. */
  hold: nothing,
  /** Lets the time pass; without one, until the ramdisk calls the next time. */
  wait: Type.Object({ seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })) }, strict),
  power_on: nothing,
  power_off: nothing,
  reboot: nothing,
};

export function isOwnStep(step: Pick<Step, 'step'>): boolean {
  return Object.hasOwn(ownSteps, step.step);
}

/** `deploy.erase_devices`, as people read it. */
export function nameOf({ interface: of, step }: Pick<Step, 'interface' | 'step'>): string {
  return `${of}.${step}`;
}

/** How long the steps may wait by their own word, milliseconds: on top of what the work itself may take. */
export function ownWaitMs(steps: readonly Step[], holdTimeoutMs: number): number {
  return steps.reduce((sum, { step, args }) => {
    if (step === 'hold') return sum + holdTimeoutMs;
    return step === 'wait' ? sum + Number(args.seconds ?? 0) * 1000 : sum;
  }, 0);
}

/** The steps of an operation's input, as `planSteps` made them. */
export function plannedInput(input: Json): PlannedStep[] {
  const list = typeof input === 'object' && input !== null && 'steps' in input ? input.steps : undefined;
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: Json) => {
    if (typeof entry !== 'object' || entry === null || !('step' in entry)) return [];
    const { by, needsRamdisk, abortable } = entry;
    if (by !== 'program' && by !== 'driver' && by !== 'ramdisk') return [];
    const planned: PlannedStep = {
      ...stepOf({ ...entry }),
      by,
      needsRamdisk: needsRamdisk === true,
      abortable: abortable === true,
    };
    const children = childrenOf(entry.children);
    return [children === undefined ? planned : { ...planned, children }];
  });
}

function childrenOf(given: Json | undefined): readonly ChildStep[] | undefined {
  if (!Array.isArray(given)) return undefined;
  return given.flatMap((one: Json): ChildStep[] => {
    if (typeof one !== 'object' || one === null || !('node' in one)) return [];
    return [{ node: String(one.node), by: one.by === 'program' ? 'program' : 'driver' }];
  });
}

/** A step as it is asked for or stored: JSON that a schema has checked. Only the program's own steps come without interface. */
export function stepOf(from: Readonly<Record<string, unknown>>): Step {
  const args: Step['args'] = JSON.parse(JSON.stringify(from.args ?? {}));
  return {
    interface: String(from.interface ?? 'power'),
    step: String(from.step),
    args,
    priority: Number(from.priority ?? 0),
    ...(from.execute_on_child_nodes === true ? { onChildren: limitOf(from.limit_child_node_execution) } : {}),
  };
}

function limitOf(given: unknown): 'all' | readonly string[] {
  return Array.isArray(given) && given.length > 0 ? given.map(String) : 'all';
}
