// What is reported of an inspected machine, by its ramdisk or read from its BMC.
import { type Static, Type } from '@sinclair/typebox';
import type { BootMode } from '../../hardware/index.ts';
import { describeFault, violation } from '../../openstack/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import { errors } from '../errors.ts';

const open = { additionalProperties: true } as const;
const textOrNull = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const countOrNull = Type.Optional(Type.Union([Type.Integer(), Type.Null()]));

const interfaceSchema = Type.Object(
  {
    mac_address: Type.String(),
    name: textOrNull,
    ipv4_address: textOrNull,
    ipv6_address: textOrNull,
    lldp: Type.Optional(Type.Unknown()),
  },
  open,
);
const diskSchema = Type.Object({ name: Type.String(), size: Type.Number(), serial: textOrNull }, open);

/** What is read of a report: agents of other makes and ages leave out what ours says, and say more. */
const reportSchema = Type.Object(
  {
    inventory: Type.Object(
      {
        interfaces: Type.Array(interfaceSchema),
        cpu: Type.Object(
          { count: countOrNull, architecture: textOrNull, flags: Type.Optional(Type.Array(Type.String())) },
          open,
        ),
        memory: Type.Object({ physical_mb: countOrNull }, open),
        disks: Type.Array(diskSchema),
        system_vendor: Type.Optional(Type.Object({ manufacturer: textOrNull, product_name: textOrNull }, open)),
        bmc_address: textOrNull,
        boot: Type.Optional(Type.Object({ current_boot_mode: textOrNull, pxe_interface: textOrNull }, open)),
      },
      open,
    ),
    boot_interface: textOrNull,
    root_disk: Type.Optional(Type.Union([diskSchema, Type.Null()])),
    error: textOrNull,
  },
  open,
);
export type Report = Static<typeof reportSchema>;
export type Interface = Static<typeof interfaceSchema>;
export type Disk = Static<typeof diskSchema>;

export function isDisk(value: unknown): value is Disk {
  return violation(diskSchema, value, 'body') === undefined;
}

/** Throws OperationFailed, naming the field, for what is no report. */
export function reportOf(value: unknown): Report {
  const fault = violation(reportSchema, value, 'body');
  if (fault)
    throw new OperationFailed(
      `The inspection report cannot be read. ${describeFault(fault)}`,
      'Use a ramdisk of this release.',
    );
  // The schema that was just checked is the declaration of this type.
  return value as Report;
}

/** The same of what came in a request: throws 400. */
export function sentReport(body: unknown): Report {
  try {
    return reportOf(body);
  } catch (error) {
    if (error instanceof OperationFailed) throw errors.Invalid(error.message);
    throw error;
  }
}

/** Lower case with colons. */
export function macsOf({ inventory }: Pick<Report, 'inventory'>): string[] {
  return inventory.interfaces.map(({ mac_address: mac }) => mac.toLowerCase());
}

/** Undefined where the machine does not tell. */
export function bootModeOf({ inventory }: Pick<Report, 'inventory'>): BootMode | undefined {
  const mode = inventory.boot?.current_boot_mode;
  return mode === 'bios' || mode === 'uefi' ? mode : undefined;
}
