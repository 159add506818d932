// The golden image as a disk: partitions, boot files, file systems, assembled in a plain file.
export { type AssembledDisk, assembleDisk } from './assemble.ts';
export { slotCommandLine } from './boot-files.ts';
export {
  defaultSizes,
  type LayoutPartition,
  type LayoutSizes,
  planLayout,
  sectorBytes,
  sfdiskScript,
} from './layout.ts';
export { makeRootFileSystem } from './root-file-system.ts';
