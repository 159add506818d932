// Virtual media: per-node boot ISOs for BIOS and UEFI.
export { type BootIsoOptions, buildBootIso } from './build-boot-iso.ts';
export { BootMediaError, type BootMediaFault } from './errors.ts';
