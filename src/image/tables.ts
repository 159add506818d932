// The tables of images and members.
import type { Generated, Insertable, Selectable } from 'kysely';
import type { ImageStatus, Visibility } from './image.ts';
import type { MemberStatus } from './members.ts';

export type ImageTables = {
  images: {
    id: string;
    name: string | null;
    owner: string | null;
    status: ImageStatus;
    visibility: Visibility;
    disk_format: string | null;
    container_format: string | null;
    min_disk: number;
    min_ram: number;
    protected: boolean;
    hidden: boolean;
    size_bytes: number | null;
    virtual_size_bytes: number | null;
    checksum: string | null;
    os_hash_algo: string | null;
    os_hash_value: string | null;
    tags: readonly string[];
    properties: Readonly<Record<string, string>>;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  image_members: {
    image_id: string;
    member: string;
    status: Generated<MemberStatus>;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
};

export type ImageRow = Selectable<ImageTables['images']>;
export type NewImageRow = Insertable<ImageTables['images']>;
