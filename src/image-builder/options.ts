// What a caller asks of an image build, what it hears meanwhile, and what it gets.
import type { LayoutSizes } from './disk/index.ts';

/** A golden disk image, one root file system, or the kernel and initramfs of the deploy ramdisk. */
export type ImageKind = 'disk' | 'partition' | 'ramdisk';

/** A build. Folders must be writable; `elementsPath` is searched in order. */
export interface ImageBuildOptions {
  readonly name: string;
  readonly kind: ImageKind;
  readonly elements: readonly string[];
  readonly packages: readonly string[];
  readonly elementsPath: readonly string[];
  /** Artefacts go to this folder, layers and packages to `cache/` in it, logs to `logs/`. */
  readonly folder: string;
  /** Files handed to elements, by the variable that names them (UNDERCLOUD_DEPLOY_AGENT, UNDERCLOUD_CONFIG_AGENT). */
  readonly files: Readonly<Record<string, string>>;
  readonly sizes: LayoutSizes;
  /** Own part of the kernel command line. */
  readonly commandLine: string;
  /** Forget earlier layers: fetch packages anew. */
  readonly refresh?: boolean;
  /** Also leave the uncompressed disk here, at its full size. */
  readonly rawOutput?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/** What happens in a build, as it happens. Seconds since the step began. */
export type BuildEvent =
  | { readonly kind: 'cached'; readonly step: string }
  | { readonly kind: 'started'; readonly step: string; readonly done: number; readonly total: number }
  | {
      readonly kind: 'finished';
      readonly step: string;
      readonly seconds: number;
      readonly done: number;
      readonly total: number;
    };
export type BuildProgress = (event: BuildEvent) => void;

/** One file of a result, as the image service takes it. */
export interface ImageArtefact {
  readonly name: string;
  readonly path: string;
  readonly diskFormat: 'raw' | 'aki' | 'ari';
  readonly containerFormat: 'compressed' | 'bare' | 'aki' | 'ari';
  readonly sizeBytes: number;
  readonly osHashAlgo: 'sha512';
  readonly osHashValue: string;
  /** GiB and MiB, as the image service counts them. */
  readonly minDisk: number;
  readonly minRam: number;
  readonly properties: Readonly<Record<string, string>>;
}

/** A finished build; `digest` stands for everything that went in, `fromCache` says that nothing was done. */
export interface BuiltImage {
  readonly name: string;
  readonly digest: string;
  readonly artefacts: readonly ImageArtefact[];
  readonly seconds: number;
  readonly fromCache: boolean;
}
