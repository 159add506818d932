// The machines of a rack: what the BMC and the rack use of them.
export type { Board, BootDevice, BootPlan, Firmware, Machine, MachineFaults, PowerState } from './contract.ts';
export { chooseAccelerator } from './qemu/accelerator.ts';
export type { Accelerator } from './qemu/command-line.ts';
export { QemuMachine } from './qemu/qemu.ts';
export { type DelayProfile, delayProfiles, SimulatedDelays } from './simulated/delays.ts';
export { SimulatedMachine } from './simulated/simulated.ts';
