// How long a simulated machine takes for what a real one takes long for.
import { type Static, Type } from '@sinclair/typebox';

/** Milliseconds: one number, or a range from which each time is drawn. */
export const Span = Type.Union([Type.Integer(), Type.Tuple([Type.Integer(), Type.Integer()])]);
export type Span = Static<typeof Span>;

export const SimulatedDelays = Type.Object({
  /** From the power command until the BMC says On. */
  powerOnMs: Span,
  /** From the power command until the BMC says Off. */
  powerOffMs: Span,
  /** From power on until the ramdisk's agent starts. */
  bootMs: Type.Optional(Span),
  /** What the ramdisk takes to inspect the machine. */
  inspectMs: Type.Optional(Span),
  /** What one erasing of the disks takes. */
  eraseMs: Type.Optional(Span),
  /** What writing an image takes. */
  writeMs: Type.Optional(Span),
});
export type SimulatedDelays = Static<typeof SimulatedDelays>;

/** Named sets of delays. `ironic`: those that Ironic's documentation of its fake driver gives as close to real hardware. */
export const delayProfiles = {
  none: { powerOnMs: 0, powerOffMs: 0, bootMs: 0, inspectMs: 0, eraseMs: 0, writeMs: 0 },
  ironic: {
    powerOnMs: 5_000,
    powerOffMs: 5_000,
    bootMs: 10_000,
    inspectMs: [360_000, 480_000],
    eraseMs: 0,
    writeMs: [60_000, 360_000],
  },
} as const satisfies Record<string, SimulatedDelays>;
export type DelayProfile = keyof typeof delayProfiles;

/** A time out of the span; `random` is uniform in [0, 1). */
export function drawMs(span: Span | undefined, random: () => number): number {
  if (span === undefined) return 0;
  if (typeof span === 'number') return span;
  const [from, to] = span;
  return Math.round(from + random() * (to - from));
}
