// What a rack tells about itself, as its control API says it and the command prints it.
import { type Static, Type } from '@sinclair/typebox';
import { Faults } from './faults/index.ts';

export const MachineStatus = Type.Object({
  name: Type.String(),
  power: Type.String(),
  pid: Type.Union([Type.Integer(), Type.Null()]),
  boot: Type.Object({
    target: Type.String(),
    enabled: Type.String(),
    mode: Type.String(),
    next: Type.Array(Type.String()),
  }),
  media: Type.Union([Type.String(), Type.Null()]),
  bmc: Type.Object({ url: Type.String(), username: Type.String() }),
  macs: Type.Array(Type.String()),
  faults: Faults,
  console: Type.String(),
});
export type MachineStatus = Static<typeof MachineStatus>;

export const RackStatus = Type.Object({
  name: Type.String(),
  kind: Type.String(),
  /** Null for simulated machines, and until the probe of the host has ended. */
  accelerator: Type.Union([Type.Null(), Type.String()]),
  pid: Type.Integer(),
  network: Type.Union([
    Type.Null(),
    Type.Object({
      device: Type.String(),
      mode: Type.String(),
      subnet: Type.String(),
      address: Type.String(),
      addressV6: Type.String(),
    }),
  ]),
  nodesFile: Type.String(),
  instackenvFile: Type.String(),
  machines: Type.Array(MachineStatus),
});
export type RackStatus = Static<typeof RackStatus>;
