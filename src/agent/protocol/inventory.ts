// What a machine says of itself when it is inspected.
import { type Static, Type } from '@sinclair/typebox';
import { nullable, open, text } from './shapes.ts';

export const networkInterface = Type.Object({
  name: text,
  mac_address: text,
  ipv4_address: nullable(text),
  ipv6_address: nullable(text),
  has_carrier: Type.Boolean(),
  /** Type and hexadecimal value of each element that the switch sent; null where nobody listened or nothing came. */
  lldp: nullable(Type.Array(Type.Tuple([Type.Integer(), text]))),
  vendor: nullable(text),
  product: nullable(text),
  client_id: Type.Null(),
  biosdevname: Type.Null(),
  speed_mbps: nullable(Type.Integer()),
});
export type NetworkInterface = Static<typeof networkInterface>;

export const disk = Type.Object({
  name: text,
  model: nullable(text),
  /** Bytes. */
  size: Type.Integer(),
  rotational: Type.Boolean(),
  wwn: nullable(text),
  wwn_with_extension: nullable(text),
  wwn_vendor_extension: nullable(text),
  serial: nullable(text),
  vendor: nullable(text),
  hctl: nullable(text),
  by_path: nullable(text),
  uuid: nullable(text),
  logical_sectors: Type.Integer(),
  physical_sectors: Type.Integer(),
});
export type Disk = Static<typeof disk>;

/** A disk of which no more is known than what is given; sectors of 512 bytes. */
export function plainDisk(name: string, sizeBytes: number, known: Partial<Disk> = {}): Disk {
  return {
    name,
    model: null,
    size: sizeBytes,
    rotational: false,
    wwn: null,
    wwn_with_extension: null,
    wwn_vendor_extension: null,
    serial: null,
    vendor: null,
    hctl: null,
    by_path: null,
    uuid: null,
    logical_sectors: 512,
    physical_sectors: 512,
    ...known,
  };
}

/** A machine as its ramdisk sees it: ironic-python-agent's inventory. */
export const inventory = Type.Object(
  {
    interfaces: Type.Array(networkInterface),
    cpu: Type.Object({
      model_name: nullable(text),
      frequency: nullable(text),
      count: Type.Integer(),
      architecture: text,
      flags: Type.Array(text),
      socket_count: Type.Integer(),
    }),
    /** `total` in bytes, `physical_mb` in MiB. */
    memory: Type.Object({ total: Type.Integer(), physical_mb: Type.Integer() }),
    disks: Type.Array(disk),
    bmc_address: nullable(text),
    bmc_v6address: nullable(text),
    bmc_mac: nullable(text),
    system_vendor: Type.Object({
      product_name: nullable(text),
      serial_number: nullable(text),
      manufacturer: nullable(text),
      firmware: Type.Object({ vendor: nullable(text), version: nullable(text), build_date: nullable(text) }),
    }),
    boot: Type.Object({
      current_boot_mode: Type.Union([Type.Literal('bios'), Type.Literal('uefi')]),
      pxe_interface: nullable(text),
    }),
    hostname: text,
  },
  open,
);
export type Inventory = Static<typeof inventory>;

/** Identifiers are hexadecimal without a prefix. */
export const pciDevice = Type.Object({
  vendor_id: text,
  product_id: text,
  class: text,
  revision: text,
  bus: text,
});
export type PciDevice = Static<typeof pciDevice>;

/** POST {ipa-inspection-callback-url}: what an inspected machine sends; answered {uuid}. */
export const inspectionReport = Type.Object(
  {
    inventory,
    boot_interface: nullable(text),
    root_disk: nullable(disk),
    pci_devices: Type.Optional(Type.Array(pciDevice)),
    error: Type.Optional(nullable(text)),
  },
  open,
);
export type InspectionReport = Static<typeof inspectionReport>;
