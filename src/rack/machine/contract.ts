// What every kind of machine in a rack can do, and what it asks of the board it sits on.

export type PowerState = 'On' | 'Off' | 'PoweringOn' | 'PoweringOff';
export type BootDevice = 'disk' | 'network' | 'cd';
export type Firmware = 'bios' | 'uefi';

/** How the next boot goes: devices in the order the firmware tries them. */
export interface BootPlan {
  readonly order: readonly BootDevice[];
  readonly firmware: Firmware;
}

/** The BMC as its machine sees it. */
export interface Board {
  /** The plan of the boot that would begin now. */
  plan(): BootPlan;
  /** A boot has begun by that plan: an override for one boot is spent. */
  bootBegan(): void;
  powerChanged(state: PowerState): void;
}

/** Faults a machine itself suffers; those of its BMC are the BMC's. */
export interface MachineFaults {
  readonly linkDown: boolean;
  readonly stuckPost: boolean;
  readonly diskFailing: boolean;
  /** The ramdisk ends when it begins to write or erase. */
  readonly agentDies?: boolean | undefined;
  /** Which of the disks, from 1 up, is not there. */
  readonly lostDisk?: number | undefined;
  /** Seconds the hardware clock is ahead of the host's. */
  readonly clockSkewS: number;
}

export interface Machine {
  readonly kind: 'qemu' | 'simulated';
  power(): PowerState;
  /** Process of the guest; undefined when it is off or has none. */
  pid(): number | undefined;
  /** Takes back a guest that an earlier rack process left running; `media` is the image in its drive. */
  adopt(media: string | undefined): Promise<void>;
  powerOn(): Promise<void>;
  forceOff(): Promise<void>;
  /** Presses the power button: the guest's system decides. */
  pressPowerButton(): Promise<void>;
  /** Presses the power button and powers on again once the guest has shut down. */
  gracefulRestart(): Promise<void>;
  forceRestart(): Promise<void>;
  powerCycle(): Promise<void>;
  /** Types on the serial console; a machine that is off hears nothing. */
  type(keys: Buffer): void;
  /** Sends a non-maskable interrupt. */
  nmi(): Promise<void>;
  /** Puts an image file into the virtual CD drive, or takes it out. */
  setMedia(path: string | undefined): Promise<void>;
  setFaults(faults: MachineFaults): Promise<void>;
  /** Lets go of the machine without ending its guest. */
  detach(): void;
}
