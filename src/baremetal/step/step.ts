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
};

export type PlannedStep = Step & {
  /** Who carries it out: this program, the driver through the BMC, or the agent in the ramdisk. */
  readonly by: 'program' | 'driver' | 'ramdisk';
  readonly needsRamdisk: boolean;
  /** May a person end the work while it runs? */
  readonly abortable: boolean;
};

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
    return [{ ...stepOf({ ...entry }), by, needsRamdisk: needsRamdisk === true, abortable: abortable === true }];
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
  };
}
