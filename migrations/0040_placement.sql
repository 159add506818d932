-- Placement: what providers have, what consumers hold, and a log of which provider changed.
create table placement_resource_classes (
  -- standard classes first, in the order of their definition
  id bigint generated always as identity primary key,
  name text not null unique,
  updated_at timestamptz not null default now()
);
insert into placement_resource_classes (name) select unnest(array[
  'VCPU', 'MEMORY_MB', 'DISK_GB', 'PCI_DEVICE', 'SRIOV_NET_VF', 'NUMA_SOCKET', 'NUMA_CORE', 'NUMA_THREAD',
  'NUMA_MEMORY_MB', 'IPV4_ADDRESS', 'VGPU', 'VGPU_DISPLAY_HEAD', 'NET_BW_EGR_KILOBIT_PER_SEC',
  'NET_BW_IGR_KILOBIT_PER_SEC', 'PCPU', 'MEM_ENCRYPTION_CONTEXT', 'FPGA', 'PGPU',
  'NET_PACKET_RATE_KILOPACKET_PER_SEC', 'NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC',
  'NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC'
]);

create table placement_traits (
  name text primary key,
  updated_at timestamptz not null default now()
);
insert into placement_traits (name) select unnest(array[
  'COMPUTE_ACCELERATORS', 'COMPUTE_ARCH_AARCH64', 'COMPUTE_ARCH_MIPSEL', 'COMPUTE_ARCH_PPC64LE',
  'COMPUTE_ARCH_RISCV64', 'COMPUTE_ARCH_S390X', 'COMPUTE_ARCH_X86_64', 'COMPUTE_CONFIG_DRIVE_REGENERATION',
  'COMPUTE_DEVICE_TAGGING', 'COMPUTE_EPHEMERAL_ENCRYPTION', 'COMPUTE_EPHEMERAL_ENCRYPTION_LUKS',
  'COMPUTE_EPHEMERAL_ENCRYPTION_LUKSV2', 'COMPUTE_EPHEMERAL_ENCRYPTION_PLAIN', 'COMPUTE_FIRMWARE_BIOS',
  'COMPUTE_FIRMWARE_UEFI', 'COMPUTE_GRAPHICS_MODEL_BOCHS', 'COMPUTE_GRAPHICS_MODEL_CIRRUS',
  'COMPUTE_GRAPHICS_MODEL_GOP', 'COMPUTE_GRAPHICS_MODEL_NONE', 'COMPUTE_GRAPHICS_MODEL_QXL',
  'COMPUTE_GRAPHICS_MODEL_VGA', 'COMPUTE_GRAPHICS_MODEL_VIRTIO', 'COMPUTE_GRAPHICS_MODEL_VMVGA',
  'COMPUTE_GRAPHICS_MODEL_XEN', 'COMPUTE_IMAGE_TYPE_AKI', 'COMPUTE_IMAGE_TYPE_AMI', 'COMPUTE_IMAGE_TYPE_ARI',
  'COMPUTE_IMAGE_TYPE_ISO', 'COMPUTE_IMAGE_TYPE_PLOOP', 'COMPUTE_IMAGE_TYPE_QCOW2', 'COMPUTE_IMAGE_TYPE_RAW',
  'COMPUTE_IMAGE_TYPE_VDI', 'COMPUTE_IMAGE_TYPE_VHD', 'COMPUTE_IMAGE_TYPE_VHDX', 'COMPUTE_IMAGE_TYPE_VMDK',
  'COMPUTE_MANAGED_PCI_DEVICE', 'COMPUTE_MEM_BACKING_FILE', 'COMPUTE_MIGRATE_AUTO_CONVERGE',
  'COMPUTE_MIGRATE_POST_COPY', 'COMPUTE_NET_ATTACH_INTERFACE', 'COMPUTE_NET_ATTACH_INTERFACE_WITH_TAG',
  'COMPUTE_NET_VIF_MODEL_E1000', 'COMPUTE_NET_VIF_MODEL_E1000E', 'COMPUTE_NET_VIF_MODEL_LAN9118',
  'COMPUTE_NET_VIF_MODEL_NE2K_PCI', 'COMPUTE_NET_VIF_MODEL_NETFRONT', 'COMPUTE_NET_VIF_MODEL_PCNET',
  'COMPUTE_NET_VIF_MODEL_RTL8139', 'COMPUTE_NET_VIF_MODEL_SPAPR_VLAN', 'COMPUTE_NET_VIF_MODEL_SRIOV',
  'COMPUTE_NET_VIF_MODEL_VIRTIO', 'COMPUTE_NET_VIF_MODEL_VMXNET', 'COMPUTE_NET_VIF_MODEL_VMXNET3', 'COMPUTE_NODE',
  'COMPUTE_REMOTE_MANAGED_PORTS', 'COMPUTE_RESCUE_BFV', 'COMPUTE_SAME_HOST_COLD_MIGRATE', 'COMPUTE_SECURITY_TPM_1_2',
  'COMPUTE_SECURITY_TPM_2_0', 'COMPUTE_SECURITY_UEFI_SECURE_BOOT', 'COMPUTE_SOCKET_PCI_NUMA_AFFINITY',
  'COMPUTE_STATUS_DISABLED', 'COMPUTE_STORAGE_BUS_FDC', 'COMPUTE_STORAGE_BUS_IDE', 'COMPUTE_STORAGE_BUS_LXC',
  'COMPUTE_STORAGE_BUS_SATA', 'COMPUTE_STORAGE_BUS_SCSI', 'COMPUTE_STORAGE_BUS_UML', 'COMPUTE_STORAGE_BUS_USB',
  'COMPUTE_STORAGE_BUS_VIRTIO', 'COMPUTE_STORAGE_BUS_XEN', 'COMPUTE_STORAGE_VIRTIO_FS', 'COMPUTE_TRUSTED_CERTS',
  'COMPUTE_VIOMMU_MODEL_AUTO', 'COMPUTE_VIOMMU_MODEL_INTEL', 'COMPUTE_VIOMMU_MODEL_SMMUV3',
  'COMPUTE_VIOMMU_MODEL_VIRTIO', 'COMPUTE_VOLUME_ATTACH', 'COMPUTE_VOLUME_ATTACH_WITH_TAG', 'COMPUTE_VOLUME_EXTEND',
  'COMPUTE_VOLUME_MULTI_ATTACH', 'HW_ARCH_AARCH64', 'HW_ARCH_ALPHA', 'HW_ARCH_ARMV6', 'HW_ARCH_ARMV7',
  'HW_ARCH_ARMV7B', 'HW_ARCH_CRIS', 'HW_ARCH_I686', 'HW_ARCH_IA64', 'HW_ARCH_LM32', 'HW_ARCH_M68K',
  'HW_ARCH_MICROBLAZE', 'HW_ARCH_MICROBLAZEEL', 'HW_ARCH_MIPS', 'HW_ARCH_MIPS64', 'HW_ARCH_MIPS64EL',
  'HW_ARCH_MIPSEL', 'HW_ARCH_OPENRISC', 'HW_ARCH_PARISC', 'HW_ARCH_PARISC64', 'HW_ARCH_PPC', 'HW_ARCH_PPC64',
  'HW_ARCH_PPC64LE', 'HW_ARCH_PPCEMB', 'HW_ARCH_PPCLE', 'HW_ARCH_S390', 'HW_ARCH_S390X', 'HW_ARCH_SH4',
  'HW_ARCH_SH4EB', 'HW_ARCH_SPARC', 'HW_ARCH_SPARC64', 'HW_ARCH_UNICORE32', 'HW_ARCH_X86_64', 'HW_ARCH_XTENSA',
  'HW_ARCH_XTENSAEB', 'HW_CPU_AARCH64_AES', 'HW_CPU_AARCH64_ASIMD', 'HW_CPU_AARCH64_ASIMDDP',
  'HW_CPU_AARCH64_ASIMDHP', 'HW_CPU_AARCH64_ASIMDRDM', 'HW_CPU_AARCH64_ATOMICS', 'HW_CPU_AARCH64_CPUID',
  'HW_CPU_AARCH64_CRC32', 'HW_CPU_AARCH64_DCPOP', 'HW_CPU_AARCH64_EVTSTRM', 'HW_CPU_AARCH64_FCMA',
  'HW_CPU_AARCH64_FP', 'HW_CPU_AARCH64_FPHP', 'HW_CPU_AARCH64_JSCVT', 'HW_CPU_AARCH64_LRCPC', 'HW_CPU_AARCH64_PMULL',
  'HW_CPU_AARCH64_SHA1', 'HW_CPU_AARCH64_SHA2', 'HW_CPU_AARCH64_SHA3', 'HW_CPU_AARCH64_SHA512', 'HW_CPU_AARCH64_SM3',
  'HW_CPU_AARCH64_SM4', 'HW_CPU_AARCH64_SVE', 'HW_CPU_AMD_SEV', 'HW_CPU_HYPERTHREADING', 'HW_CPU_PPC64LE_POWER8',
  'HW_CPU_PPC64LE_POWER9', 'HW_CPU_X86_3DNOW', 'HW_CPU_X86_ABM', 'HW_CPU_X86_AESNI', 'HW_CPU_X86_AMD_IBPB',
  'HW_CPU_X86_AMD_NO_SSB', 'HW_CPU_X86_AMD_SEV', 'HW_CPU_X86_AMD_SSBD', 'HW_CPU_X86_AMD_SVM',
  'HW_CPU_X86_AMD_VIRT_SSBD', 'HW_CPU_X86_ASF', 'HW_CPU_X86_AVX', 'HW_CPU_X86_AVX2', 'HW_CPU_X86_AVX512BITALG',
  'HW_CPU_X86_AVX512BW', 'HW_CPU_X86_AVX512CD', 'HW_CPU_X86_AVX512DQ', 'HW_CPU_X86_AVX512ER', 'HW_CPU_X86_AVX512F',
  'HW_CPU_X86_AVX512GFNI', 'HW_CPU_X86_AVX512IFMA', 'HW_CPU_X86_AVX512PF', 'HW_CPU_X86_AVX512VAES',
  'HW_CPU_X86_AVX512VBMI', 'HW_CPU_X86_AVX512VBMI2', 'HW_CPU_X86_AVX512VL', 'HW_CPU_X86_AVX512VNNI',
  'HW_CPU_X86_AVX512VPCLMULQDQ', 'HW_CPU_X86_AVX512VPOPCNTDQ', 'HW_CPU_X86_BMI', 'HW_CPU_X86_BMI2',
  'HW_CPU_X86_CLMUL', 'HW_CPU_X86_F16C', 'HW_CPU_X86_FMA3', 'HW_CPU_X86_FMA4', 'HW_CPU_X86_INTEL_MD_CLEAR',
  'HW_CPU_X86_INTEL_PCID', 'HW_CPU_X86_INTEL_SPEC_CTRL', 'HW_CPU_X86_INTEL_SSBD', 'HW_CPU_X86_INTEL_VMX',
  'HW_CPU_X86_MMX', 'HW_CPU_X86_MPX', 'HW_CPU_X86_PDPE1GB', 'HW_CPU_X86_SGX', 'HW_CPU_X86_SHA', 'HW_CPU_X86_SSE',
  'HW_CPU_X86_SSE2', 'HW_CPU_X86_SSE3', 'HW_CPU_X86_SSE41', 'HW_CPU_X86_SSE42', 'HW_CPU_X86_SSE4A',
  'HW_CPU_X86_SSSE3', 'HW_CPU_X86_STIBP', 'HW_CPU_X86_SVM', 'HW_CPU_X86_TBM', 'HW_CPU_X86_TSX', 'HW_CPU_X86_VMX',
  'HW_CPU_X86_XOP', 'HW_GPU_API_DIRECT2D', 'HW_GPU_API_DIRECT3D_V10_0', 'HW_GPU_API_DIRECT3D_V10_1',
  'HW_GPU_API_DIRECT3D_V11_0', 'HW_GPU_API_DIRECT3D_V11_1', 'HW_GPU_API_DIRECT3D_V11_2', 'HW_GPU_API_DIRECT3D_V11_3',
  'HW_GPU_API_DIRECT3D_V12_0', 'HW_GPU_API_DIRECT3D_V6_0', 'HW_GPU_API_DIRECT3D_V7_0', 'HW_GPU_API_DIRECT3D_V8_0',
  'HW_GPU_API_DIRECT3D_V8_1', 'HW_GPU_API_DIRECT3D_V9_0', 'HW_GPU_API_DIRECT3D_V9_0B', 'HW_GPU_API_DIRECT3D_V9_0C',
  'HW_GPU_API_DIRECT3D_V9_0L', 'HW_GPU_API_DIRECTX_V10', 'HW_GPU_API_DIRECTX_V11', 'HW_GPU_API_DIRECTX_V12',
  'HW_GPU_API_DXVA', 'HW_GPU_API_OPENCL_V1_0', 'HW_GPU_API_OPENCL_V1_1', 'HW_GPU_API_OPENCL_V1_2',
  'HW_GPU_API_OPENCL_V2_0', 'HW_GPU_API_OPENCL_V2_1', 'HW_GPU_API_OPENCL_V2_2', 'HW_GPU_API_OPENGL_V1_1',
  'HW_GPU_API_OPENGL_V1_2', 'HW_GPU_API_OPENGL_V1_3', 'HW_GPU_API_OPENGL_V1_4', 'HW_GPU_API_OPENGL_V1_5',
  'HW_GPU_API_OPENGL_V2_0', 'HW_GPU_API_OPENGL_V2_1', 'HW_GPU_API_OPENGL_V3_0', 'HW_GPU_API_OPENGL_V3_1',
  'HW_GPU_API_OPENGL_V3_2', 'HW_GPU_API_OPENGL_V3_3', 'HW_GPU_API_OPENGL_V4_0', 'HW_GPU_API_OPENGL_V4_1',
  'HW_GPU_API_OPENGL_V4_2', 'HW_GPU_API_OPENGL_V4_3', 'HW_GPU_API_OPENGL_V4_4', 'HW_GPU_API_OPENGL_V4_5',
  'HW_GPU_API_VULKAN', 'HW_GPU_CUDA_COMPUTE_CAPABILITY_V1_0', 'HW_GPU_CUDA_COMPUTE_CAPABILITY_V1_1',
  'HW_GPU_CUDA_COMPUTE_CAPABILITY_V1_2', 'HW_GPU_CUDA_COMPUTE_CAPABILITY_V1_3',
  'HW_GPU_CUDA_COMPUTE_CAPABILITY_V2_0', 'HW_GPU_CUDA_COMPUTE_CAPABILITY_V2_1',
  'HW_GPU_CUDA_COMPUTE_CAPABILITY_V3_0', 'HW_GPU_CUDA_COMPUTE_CAPABILITY_V3_2',
  'HW_GPU_CUDA_COMPUTE_CAPABILITY_V3_5', 'HW_GPU_CUDA_COMPUTE_CAPABILITY_V3_7',
  'HW_GPU_CUDA_COMPUTE_CAPABILITY_V5_0', 'HW_GPU_CUDA_COMPUTE_CAPABILITY_V5_2',
  'HW_GPU_CUDA_COMPUTE_CAPABILITY_V5_3', 'HW_GPU_CUDA_COMPUTE_CAPABILITY_V6_0',
  'HW_GPU_CUDA_COMPUTE_CAPABILITY_V6_1', 'HW_GPU_CUDA_COMPUTE_CAPABILITY_V6_2',
  'HW_GPU_CUDA_COMPUTE_CAPABILITY_V7_0', 'HW_GPU_CUDA_COMPUTE_CAPABILITY_V7_1',
  'HW_GPU_CUDA_COMPUTE_CAPABILITY_V7_2', 'HW_GPU_CUDA_SDK_V10_0', 'HW_GPU_CUDA_SDK_V6_5', 'HW_GPU_CUDA_SDK_V7_5',
  'HW_GPU_CUDA_SDK_V8_0', 'HW_GPU_CUDA_SDK_V9_0', 'HW_GPU_CUDA_SDK_V9_1', 'HW_GPU_CUDA_SDK_V9_2',
  'HW_GPU_MAX_DISPLAY_HEADS_1', 'HW_GPU_MAX_DISPLAY_HEADS_2', 'HW_GPU_MAX_DISPLAY_HEADS_4',
  'HW_GPU_MAX_DISPLAY_HEADS_6', 'HW_GPU_MAX_DISPLAY_HEADS_8', 'HW_GPU_RESOLUTION_W1024H600',
  'HW_GPU_RESOLUTION_W1024H768', 'HW_GPU_RESOLUTION_W1152H864', 'HW_GPU_RESOLUTION_W1280H1024',
  'HW_GPU_RESOLUTION_W1280H720', 'HW_GPU_RESOLUTION_W1280H768', 'HW_GPU_RESOLUTION_W1280H800',
  'HW_GPU_RESOLUTION_W1360H768', 'HW_GPU_RESOLUTION_W1366H768', 'HW_GPU_RESOLUTION_W1440H900',
  'HW_GPU_RESOLUTION_W1600H1200', 'HW_GPU_RESOLUTION_W1600H900', 'HW_GPU_RESOLUTION_W1680H1050',
  'HW_GPU_RESOLUTION_W1920H1080', 'HW_GPU_RESOLUTION_W1920H1200', 'HW_GPU_RESOLUTION_W2560H1440',
  'HW_GPU_RESOLUTION_W2560H1600', 'HW_GPU_RESOLUTION_W320H240', 'HW_GPU_RESOLUTION_W3840H2160',
  'HW_GPU_RESOLUTION_W640H480', 'HW_GPU_RESOLUTION_W7680H4320', 'HW_GPU_RESOLUTION_W800H600', 'HW_NIC_ACCEL_DEFLATE',
  'HW_NIC_ACCEL_DIFFIEH', 'HW_NIC_ACCEL_ECC', 'HW_NIC_ACCEL_IPSEC', 'HW_NIC_ACCEL_LZS', 'HW_NIC_ACCEL_RSA',
  'HW_NIC_ACCEL_SSL', 'HW_NIC_ACCEL_TLS', 'HW_NIC_DCB_ETS', 'HW_NIC_DCB_PFC', 'HW_NIC_DCB_QCN', 'HW_NIC_MULTIQUEUE',
  'HW_NIC_OFFLOAD_FDF', 'HW_NIC_OFFLOAD_GENEVE', 'HW_NIC_OFFLOAD_GRE', 'HW_NIC_OFFLOAD_GRO', 'HW_NIC_OFFLOAD_GSO',
  'HW_NIC_OFFLOAD_L2CRC', 'HW_NIC_OFFLOAD_LRO', 'HW_NIC_OFFLOAD_LSO', 'HW_NIC_OFFLOAD_QINQ', 'HW_NIC_OFFLOAD_RDMA',
  'HW_NIC_OFFLOAD_RX', 'HW_NIC_OFFLOAD_RXHASH', 'HW_NIC_OFFLOAD_RXVLAN', 'HW_NIC_OFFLOAD_SCS', 'HW_NIC_OFFLOAD_SG',
  'HW_NIC_OFFLOAD_SWITCHDEV', 'HW_NIC_OFFLOAD_TCS', 'HW_NIC_OFFLOAD_TSO', 'HW_NIC_OFFLOAD_TX',
  'HW_NIC_OFFLOAD_TXUDP', 'HW_NIC_OFFLOAD_TXVLAN', 'HW_NIC_OFFLOAD_UCS', 'HW_NIC_OFFLOAD_UFO',
  'HW_NIC_OFFLOAD_VXLAN', 'HW_NIC_PROGRAMMABLE_PIPELINE', 'HW_NIC_SRIOV', 'HW_NIC_SRIOV_MULTIQUEUE',
  'HW_NIC_SRIOV_QOS_RX', 'HW_NIC_SRIOV_QOS_TX', 'HW_NIC_SRIOV_TRUSTED', 'HW_NIC_VMDQ', 'HW_NUMA_ROOT',
  'MISC_SHARES_VIA_AGGREGATE', 'OWNER_CYBORG', 'OWNER_NOVA', 'STORAGE_DISK_HDD', 'STORAGE_DISK_SSD'
]);

create sequence placement_provider_ids;
create table placement_providers (
  id bigint primary key default nextval('placement_provider_ids'),
  uuid text not null unique,
  name text not null unique,
  generation integer not null default 0,
  parent_id bigint references placement_providers (id),
  root_id bigint not null references placement_providers (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index placement_providers_root on placement_providers (root_id);
create index placement_providers_parent on placement_providers (parent_id) where parent_id is not null;

create table placement_inventories (
  provider_id bigint not null references placement_providers (id) on delete cascade,
  resource_class text not null references placement_resource_classes (name) on update cascade,
  total bigint not null,
  reserved bigint not null,
  min_unit bigint not null,
  max_unit bigint not null,
  step_size bigint not null,
  allocation_ratio double precision not null,
  -- sum of the allocations below, kept in the transaction that changes them
  used bigint not null default 0,
  updated_at timestamptz not null default now(),
  primary key (provider_id, resource_class)
);
create index placement_inventories_class on placement_inventories (resource_class);

create table placement_provider_traits (
  provider_id bigint not null references placement_providers (id) on delete cascade,
  trait text not null references placement_traits (name),
  primary key (provider_id, trait)
);
create index placement_provider_traits_trait on placement_provider_traits (trait);

create table placement_provider_aggregates (
  provider_id bigint not null references placement_providers (id) on delete cascade,
  aggregate text not null,
  primary key (provider_id, aggregate)
);
create index placement_provider_aggregates_aggregate on placement_provider_aggregates (aggregate);

create table placement_consumers (
  uuid text primary key,
  project_id text not null,
  user_id text not null,
  -- null: written before consumers had a type
  consumer_type text,
  generation integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index placement_consumers_project on placement_consumers (project_id, user_id);

create table placement_allocations (
  consumer_uuid text not null references placement_consumers (uuid) on delete cascade,
  provider_id bigint not null,
  resource_class text not null,
  used bigint not null check (used > 0),
  created_at timestamptz not null default now(),
  primary key (consumer_uuid, provider_id, resource_class),
  -- no allocation without its inventory
  foreign key (provider_id, resource_class) references placement_inventories (provider_id, resource_class)
    on update cascade
);
create index placement_allocations_inventory on placement_allocations (provider_id, resource_class);

-- One row for every provider that a transaction changed. A reader takes all rows of transactions at or above the
-- pg_snapshot_xmin of its last reading, so that a late commit is never missed.
create table placement_changes (
  transaction_id xid8 not null default pg_current_xact_id(),
  provider_id bigint not null,
  at timestamptz not null default now()
);
create index placement_changes_transaction on placement_changes (transaction_id);

-- Every write is one of the functions below: one round trip, plans kept by the connection, the check and the effect under
-- the same locks, and the change log written with it. Providers are always locked in the order of their ids. The functions
-- look rows up by key only; telling the planner so keeps a connection from holding on to a plan it made while the tables
-- were small.

-- Answers the uuid of the tree's root, null when the parent does not exist. A name or uuid that is taken violates its
-- unique constraint.
create function placement_create_provider(new_uuid text, new_name text, parent_uuid text) returns text
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  new_id bigint := nextval('placement_provider_ids');
  parent placement_providers;
begin
  if parent_uuid is not null then
    select * into parent from placement_providers where uuid = parent_uuid for key share;
    if not found then return null; end if;
  end if;
  insert into placement_providers (id, uuid, name, parent_id, root_id)
    values (new_id, new_uuid, new_name, parent.id, coalesce(parent.root_id, new_id));
  insert into placement_changes (provider_id) values (new_id);
  return case when parent.id is null then new_uuid else (select uuid from placement_providers where id = parent.root_id) end;
end $$;

-- Locks a provider for a change and moves its generation. Answers its id; null when it does not exist or, with an
-- expected generation, has another one.
create function placement_advance_provider(changed_uuid text, expected integer) returns bigint
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  changed_id bigint;
begin
  update placement_providers set generation = generation + 1, updated_at = now()
    where uuid = changed_uuid and (expected is null or generation = expected)
    returning id into changed_id;
  if changed_id is not null then
    insert into placement_changes (provider_id) values (changed_id);
  end if;
  return changed_id;
end $$;

-- Writes inventory records {class: {total, reserved, min_unit, max_unit, step_size, allocation_ratio}}; with
-- `replace_all` the classes that are not named go. Answers {outcome: written, conflict, in_use (classes)}.
create function placement_write_inventory(changed_uuid text, expected integer, records jsonb, replace_all boolean)
returns jsonb language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  changed_id bigint;
  held text[];
begin
  changed_id := placement_advance_provider(changed_uuid, expected);
  if changed_id is null then return jsonb_build_object('outcome', 'conflict'); end if;
  if replace_all then
    select array_agg(resource_class) into held from placement_inventories
      where provider_id = changed_id and used > 0 and not records ? resource_class;
    if held is not null then return jsonb_build_object('outcome', 'in_use', 'classes', held); end if;
    delete from placement_inventories where provider_id = changed_id and not records ? resource_class;
  end if;
  insert into placement_inventories
    (provider_id, resource_class, total, reserved, min_unit, max_unit, step_size, allocation_ratio)
  select changed_id, key, (value ->> 'total')::bigint, (value ->> 'reserved')::bigint, (value ->> 'min_unit')::bigint,
    (value ->> 'max_unit')::bigint, (value ->> 'step_size')::bigint, (value ->> 'allocation_ratio')::double precision
  from jsonb_each(records)
  on conflict (provider_id, resource_class) do update set total = excluded.total, reserved = excluded.reserved,
    min_unit = excluded.min_unit, max_unit = excluded.max_unit, step_size = excluded.step_size,
    allocation_ratio = excluded.allocation_ratio, updated_at = now();
  return jsonb_build_object('outcome', 'written');
end $$;

-- Answers written, conflict.
create function placement_write_traits(changed_uuid text, expected integer, traits text[]) returns text
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  changed_id bigint;
begin
  changed_id := placement_advance_provider(changed_uuid, expected);
  if changed_id is null then return 'conflict'; end if;
  delete from placement_provider_traits where provider_id = changed_id and trait <> all (traits);
  insert into placement_provider_traits (provider_id, trait) select changed_id, unnest(traits) on conflict do nothing;
  return 'written';
end $$;

-- Takes what these consumers shall hold in place of all that they hold, or refuses and leaves everything as it was.
-- Consumers come as parallel arrays: a type of null keeps the type that is there; a generation of null expects no such
-- consumer, -1 is not checked. Allocations come as parallel arrays too. Answers {outcome: written} or
-- {outcome: consumer_generation | provider | resource_class | inventory | constraints | capacity, ...}.
create function placement_write_allocations(
  consumers text[], projects text[], users text[], types text[], generations integer[],
  holders text[], providers text[], classes text[], amounts bigint[]
) returns jsonb language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan as $$
declare
  created text[];
  touched bigint[];
  refusal jsonb;
begin
  with made as (
    insert into placement_consumers (uuid, project_id, user_id, consumer_type, generation)
    select c.uuid, c.project_id, c.user_id, c.consumer_type, 1
    from unnest(consumers, projects, users, types, generations) as c (uuid, project_id, user_id, consumer_type, generation)
    where c.uuid = any (holders) and coalesce(c.generation, -1) = -1 order by c.uuid
    on conflict (uuid) do nothing returning uuid)
  select coalesce(array_agg(uuid), '{}') into created from made;

  -- Those that were there already: locked, and compared with what the caller expects.
  if cardinality(created) < cardinality(consumers) then
    perform 1 from placement_consumers where uuid = any (consumers) and uuid <> all (created) order by uuid for update;
    select jsonb_build_object('outcome', 'consumer_generation', 'consumer', c.uuid, 'expected', held.generation,
        'got', c.generation) into refusal
      from unnest(consumers, generations) as c (uuid, generation)
      left join placement_consumers held on held.uuid = c.uuid
      where c.generation is distinct from -1 and c.uuid <> all (created)
        and held.generation is distinct from c.generation
      limit 1;
    select coalesce(array_agg(distinct provider_id), '{}') into touched
      from placement_allocations where consumer_uuid = any (consumers);
  end if;
  if refusal is null then
    perform 1 from placement_providers p where p.uuid = any (providers) or p.id = any (touched)
      order by p.id for no key update;
    refusal := placement_refuse_allocations(consumers, providers, classes, amounts);
  end if;
  if refusal is not null then
    delete from placement_consumers where uuid = any (created);
    return refusal;
  end if;

  if touched is not null then
    insert into placement_changes (provider_id) select unnest(touched);
    with gone as (
      delete from placement_allocations where consumer_uuid = any (consumers)
      returning provider_id, resource_class, used)
    update placement_inventories i set used = i.used - g.used
      from (select provider_id, resource_class, sum(used) as used from gone group by 1, 2) g
      where i.provider_id = g.provider_id and i.resource_class = g.resource_class;
    update placement_consumers held set generation = held.generation + 1, project_id = c.project_id,
        user_id = c.user_id, consumer_type = coalesce(c.consumer_type, held.consumer_type), updated_at = now()
      from unnest(consumers, projects, users, types) as c (uuid, project_id, user_id, consumer_type)
      where held.uuid = c.uuid and held.uuid = any (holders) and held.uuid <> all (created);
  end if;
  with asked as materialized (
    select a.holder, p.id as provider_id, a.resource_class, a.used
    from unnest(holders, providers, classes, amounts) as a (holder, provider, resource_class, used)
    join placement_providers p on p.uuid = a.provider),
  taken as (
    insert into placement_allocations (consumer_uuid, provider_id, resource_class, used)
    select holder, provider_id, resource_class, used from asked),
  moved as (
    update placement_providers set generation = generation + 1, updated_at = now()
    where id = any (array(select provider_id from asked)) returning id),
  logged as (
    insert into placement_changes (provider_id) select id from moved)
  update placement_inventories i set used = i.used + t.used
    from (select provider_id, resource_class, sum(used) as used from asked group by 1, 2) t
    where i.provider_id = t.provider_id and i.resource_class = t.resource_class;
  if touched is not null then
    delete from placement_consumers where uuid = any (consumers) and uuid <> all (holders);
  end if;
  return '{"outcome": "written"}';
end $$;

-- Why these allocations cannot be taken in place of what the consumers hold; null when they can. Providers are locked.
create function placement_refuse_allocations(
  consumers text[], providers text[], classes text[], amounts bigint[]
) returns jsonb language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan as $$
declare
  refusal jsonb;
begin
  with judged as (
    select a.provider, a.resource_class, a.used as asked, i.total, i.reserved, i.allocation_ratio, i.min_unit,
      i.max_unit, i.step_size, p.id as provider_id, i.provider_id as inventory_of, k.name as known_class,
      sum(a.used) over (partition by a.provider, a.resource_class) as wanted,
      i.used - coalesce((select sum(h.used) from placement_allocations h where h.consumer_uuid = any (consumers)
        and h.provider_id = i.provider_id and h.resource_class = i.resource_class), 0) as used
    from unnest(providers, classes, amounts) as a (provider, resource_class, used)
    left join placement_providers p on p.uuid = a.provider
    left join placement_resource_classes k on k.name = a.resource_class
    left join placement_inventories i on i.provider_id = p.id and i.resource_class = a.resource_class),
  named as (
    select judged.*, case
        when provider_id is null then 'provider'
        when inventory_of is null and known_class is null then 'resource_class'
        when inventory_of is null then 'inventory'
        when asked < min_unit or asked > max_unit or asked % step_size <> 0 then 'constraints'
        when used + wanted > (total - reserved) * allocation_ratio then 'capacity'
      end as outcome
    from judged)
  select to_jsonb(named) into refusal from named where outcome is not null
    order by array_position(array['provider', 'resource_class', 'inventory', 'constraints', 'capacity'], outcome) limit 1;
  return refusal;
end $$;

-- Frees what a consumer holds and forgets the consumer; false when it held nothing.
create function placement_delete_allocations(consumer text) returns boolean language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  held boolean;
begin
  perform 1 from placement_consumers where uuid = consumer for update;
  perform 1 from placement_providers where id in (select provider_id from placement_allocations where consumer_uuid = consumer)
    order by id for no key update;
  insert into placement_changes (provider_id)
    select distinct provider_id from placement_allocations where consumer_uuid = consumer;
  held := found;
  update placement_inventories i set used = i.used - a.used from placement_allocations a
    where a.consumer_uuid = consumer and a.provider_id = i.provider_id and a.resource_class = i.resource_class;
  delete from placement_allocations where consumer_uuid = consumer;
  delete from placement_consumers where uuid = consumer;
  return held;
end $$;

-- Answers deleted, in_use, parent, missing.
create function placement_delete_provider(gone_uuid text) returns text language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  gone_id bigint;
begin
  select id into gone_id from placement_providers where uuid = gone_uuid for update;
  if gone_id is null then return 'missing'; end if;
  if exists (select from placement_providers where parent_id = gone_id) then return 'parent'; end if;
  if exists (select from placement_allocations where provider_id = gone_id) then return 'in_use'; end if;
  delete from placement_providers where id = gone_id;
  insert into placement_changes (provider_id) values (gone_id);
  return 'deleted';
end $$;

-- What the in-memory index reads of providers; a row without a uuid is a provider that is gone.
create function placement_describe_providers(ids bigint[]) returns table (
  id bigint, uuid text, name text, generation integer, parent_id bigint, root_id bigint,
  inventories json, traits text[], aggregates text[], updated_ms bigint
) language sql stable as $$
  select c.id, p.uuid, p.name, p.generation, p.parent_id, p.root_id,
    (select json_agg(json_build_array(i.resource_class, i.total, i.reserved, i.min_unit, i.max_unit, i.step_size,
        i.allocation_ratio, i.used) order by k.id)
      from placement_inventories i join placement_resource_classes k on k.name = i.resource_class
      where i.provider_id = c.id),
    array(select t.trait from placement_provider_traits t where t.provider_id = c.id
      order by t.trait like 'CUSTOM%', t.trait),
    array(select a.aggregate from placement_provider_aggregates a where a.provider_id = c.id order by 1),
    floor(extract(epoch from p.updated_at) * 1000)::bigint
  from unnest(ids) as c (id) left join placement_providers p on p.id = c.id order by c.id
$$;

-- First a row that holds only the snapshot of this reading, then every provider whose transaction was not visible in the
-- snapshot `since` (all providers when it is null).
create function placement_read_providers(since text) returns table (
  snapshot text, id bigint, uuid text, name text, generation integer, parent_id bigint, root_id bigint,
  inventories json, traits text[], aggregates text[], updated_ms bigint
) language plpgsql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  changed bigint[];
begin
  if since is null then
    select array_agg(p.id) into changed from placement_providers p;
  else
    select array_agg(distinct l.provider_id) into changed from placement_changes l
      where l.transaction_id >= pg_snapshot_xmin(since::pg_snapshot)
        and not pg_visible_in_snapshot(l.transaction_id, since::pg_snapshot);
  end if;
  return query select pg_current_snapshot()::text, null::bigint, null::text, null::text, null::integer, null::bigint,
    null::bigint, null::json, null::text[], null::text[], null::bigint;
  if changed is not null then
    return query select null::text, d.* from placement_describe_providers(changed) d;
  end if;
end $$;

-- Renames a provider and, with `with_parent`, moves it below another parent (null: makes it a root). Answers updated, missing,
-- unknown_parent, loop, reparenting, unparenting (the last two where moving is not allowed).
create function placement_update_provider(
  changed_uuid text, new_name text, with_parent boolean, parent_uuid text, may_move boolean
) returns text language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  changed placement_providers;
  parent placement_providers;
  subtree bigint[];
  new_root bigint;
begin
  select * into changed from placement_providers where uuid = changed_uuid for update;
  if not found then return 'missing'; end if;
  if with_parent then
    if parent_uuid is not null then
      select * into parent from placement_providers where uuid = parent_uuid for key share;
      if not found then return 'unknown_parent'; end if;
    end if;
    if changed.parent_id is not null and changed.parent_id is distinct from parent.id and not may_move then
      return case when parent_uuid is null then 'unparenting' else 'reparenting' end;
    end if;
  end if;
  if with_parent and changed.parent_id is distinct from parent.id then
    -- one move at a time, or two moves together could close a loop
    perform pg_advisory_xact_lock(hashtext('placement_update_provider'));
    with recursive below as (
      select id from placement_providers where id = changed.id
      union select p.id from placement_providers p join below on p.parent_id = below.id)
    select array_agg(id) into subtree from below;
    if parent.id = any (subtree) then return 'loop'; end if;
    if parent_uuid is not null then
      select root_id into new_root from placement_providers where id = parent.id;
    end if;
    update placement_providers set root_id = coalesce(new_root, changed.id), updated_at = now() where id = any (subtree);
    update placement_providers set name = new_name, parent_id = parent.id where id = changed.id;
    insert into placement_changes (provider_id) select unnest(subtree);
  else
    update placement_providers set name = new_name, updated_at = now() where id = changed.id;
    insert into placement_changes (provider_id) values (changed.id);
  end if;
  return 'updated';
end $$;

-- Replaces a provider's aggregates. Only with an expected generation (microversion 1.19) the generation moves. Answers
-- written, conflict.
create function placement_write_aggregates(changed_uuid text, expected integer, wanted text[]) returns text
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  changed_id bigint;
begin
  if expected is null then
    select id into changed_id from placement_providers where uuid = changed_uuid for no key update;
    if changed_id is not null then
      insert into placement_changes (provider_id) values (changed_id);
    end if;
  else
    changed_id := placement_advance_provider(changed_uuid, expected);
  end if;
  if changed_id is null then return 'conflict'; end if;
  delete from placement_provider_aggregates where provider_id = changed_id and aggregate <> all (wanted);
  insert into placement_provider_aggregates (provider_id, aggregate)
    select changed_id, unnest(wanted) on conflict do nothing;
  return 'written';
end $$;
