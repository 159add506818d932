// What an image is, inside the program.

export const visibilities = ['public', 'private', 'shared', 'community'] as const;
export type Visibility = (typeof visibilities)[number];
export const imageStatuses = ['queued', 'saving', 'uploading', 'importing', 'active', 'deactivated', 'killed'] as const;
export type ImageStatus = (typeof imageStatuses)[number];

export interface Image {
  readonly id: string;
  readonly name: string | null;
  /** Project id. */
  readonly owner: string | null;
  readonly status: ImageStatus;
  readonly visibility: Visibility;
  readonly diskFormat: string | null;
  readonly containerFormat: string | null;
  readonly minDiskGb: number;
  readonly minRamMb: number;
  readonly protected: boolean;
  readonly hidden: boolean;
  readonly sizeBytes: number | null;
  readonly virtualSizeBytes: number | null;
  /** MD5 of the data, hex. */
  readonly checksum: string | null;
  readonly osHashAlgo: string | null;
  readonly osHashValue: string | null;
  readonly tags: readonly string[];
  /** Custom properties. */
  readonly properties: Readonly<Record<string, string>>;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a person may set. */
export type ImageSettings = Pick<
  Image,
  | 'name'
  | 'owner'
  | 'visibility'
  | 'diskFormat'
  | 'containerFormat'
  | 'minDiskGb'
  | 'minRamMb'
  | 'protected'
  | 'hidden'
  | 'tags'
  | 'properties'
>;
