-- Images: what the image service knows of them; their bytes are blobs made of content-addressed chunks.
create table images (
  id uuid primary key,
  name text,
  owner text,
  status text not null check (status in ('queued', 'saving', 'uploading', 'importing', 'active', 'deactivated', 'killed')),
  visibility text not null check (visibility in ('public', 'private', 'shared', 'community')),
  disk_format text,
  container_format text,
  min_disk integer not null default 0,
  min_ram integer not null default 0,
  protected boolean not null default false,
  hidden boolean not null default false,
  size_bytes bigint,
  virtual_size_bytes bigint,
  checksum text,
  os_hash_algo text,
  os_hash_value text,
  tags text[] not null default '{}',
  -- custom properties: name -> text
  properties jsonb not null default '{}',
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create index images_owner on images (owner);
create index images_name on images (name);
create index images_created on images (created_at desc, id desc);

create table image_members (
  image_id uuid not null references images (id) on delete cascade,
  member text not null,
  status text not null default 'pending' check (status in ('pending', 'accepted', 'rejected')),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  primary key (image_id, member)
);
create index image_members_member on image_members (member);

-- One writing of an image's bytes. `writing` ones whose writer was not seen for a while are swept.
create table image_blobs (
  id uuid primary key,
  image_id uuid not null references images (id) on delete cascade,
  state text not null check (state in ('writing', 'staged', 'current')),
  size_bytes bigint not null default 0,
  seen_at timestamptz not null default now()
);
create unique index image_blobs_current on image_blobs (image_id) where state = 'current';
create index image_blobs_image on image_blobs (image_id);

-- Each chunk once, named by its content; the row is the lock on its file.
create table image_chunks (
  sha256 bytea primary key,
  size_bytes integer not null,
  stored_bytes integer not null
);

create table image_blob_chunks (
  blob_id uuid not null references image_blobs (id) on delete cascade,
  start_bytes bigint not null,
  size_bytes integer not null,
  sha256 bytea not null references image_chunks (sha256),
  primary key (blob_id, start_bytes)
);
create index image_blob_chunks_sha256 on image_blob_chunks (sha256);
