-- Signs the certificate of the machines' listener; ramdisks are told of it when they boot.
create table baremetal_authorities (
  name text primary key,
  certificate text not null,
  -- AES-256-GCM
  key bytea not null
);
