// Golden images and the deploy ramdisk, built from diskimage-builder elements.
export { buildImage } from './build.ts';
export { type CommandDefaults, registerImageBuildCommand } from './command.ts';
export { defaultSizes, type LayoutSizes } from './disk/index.ts';
export { ImageBuildError, type ImageBuildFault } from './errors.ts';
export type { BuildEvent, BuildProgress, BuiltImage, ImageArtefact, ImageBuildOptions, ImageKind } from './options.ts';
