-- A chunk whose file is known to be on the disk. Others are written anew before somebody relies on them: the machine may
-- have lost power between the file and its sync.
alter table image_chunks add column synced boolean not null default false;
