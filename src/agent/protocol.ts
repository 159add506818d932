// Every message between the server and the agents, as schemas for the server and types for both.
import { type Static, type TSchema, Type } from '@sinclair/typebox';

const text = Type.String();
const open = { additionalProperties: true };
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** What the server tells a machine that asks who it is: GET {api}/v1/lookup?addresses=MAC,MAC[&node_uuid=UUID]. */
export const lookupResponse = Type.Object(
  {
    node: Type.Object({ uuid: text }, open),
    config: Type.Object(
      {
        /** Seconds within which the server expects the next heartbeat; the agent calls after 0.3 to 0.6 of it. */
        heartbeat_timeout: Type.Number({ exclusiveMinimum: 0 }),
        /** Given out once; the agent sends it with each heartbeat and demands it on each command. */
        agent_token: Type.Optional(nullable(text)),
        agent_token_required: Type.Optional(Type.Boolean()),
        /** Ours: seconds between heartbeats while a command runs; absent means the usual interval. */
        progress_interval: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
      },
      open,
    ),
  },
  open,
);
export type LookupResponse = Static<typeof lookupResponse>;

/** POST {api}/v1/heartbeat/{node}; answered 202 without a body. */
export const heartbeatRequest = Type.Object({
  callback_url: text,
  agent_version: Type.Optional(text),
  agent_token: Type.Optional(nullable(text)),
  agent_verify_ca: Type.Optional(nullable(text)),
  agent_status: Type.Optional(nullable(text)),
  /** While a command runs ours holds {command, bytes_done, bytes_total, rate} as JSON. */
  agent_status_message: Type.Optional(nullable(text)),
});
export type HeartbeatRequest = Static<typeof heartbeatRequest>;

/** How far a long command is. `rate` is bytes per second over the last few seconds. */
export const progress = Type.Object({
  bytes_done: Type.Number(),
  bytes_total: Type.Number(),
  rate: Type.Number(),
});
export type Progress = Static<typeof progress>;

export const commandError = Type.Object({
  type: text,
  code: Type.Integer(),
  message: text,
  details: text,
});
export type CommandError = Static<typeof commandError>;

export const commandStatus = Type.Union([
  Type.Literal('RUNNING'),
  Type.Literal('SUCCEEDED'),
  Type.Literal('FAILED'),
  Type.Literal('CLEAN_VERSION_MISMATCH'),
]);
export type CommandStatus = Static<typeof commandStatus>;

/** One command as the agent reports it; while it runs `command_result` is its progress, if it has any. */
export const command = Type.Object({
  id: text,
  command_name: text,
  command_status: commandStatus,
  command_error: nullable(commandError),
  command_result: nullable(Type.Record(text, Type.Unknown())),
});
export type Command = Static<typeof command>;

/** POST {callback_url}/v1/commands/?wait=true|false&agent_token=TOKEN. Answered with a `command`, or 4xx with a `commandError`. */
export const commandRequest = Type.Object({ name: text, params: Type.Optional(Type.Record(text, Type.Unknown())) });
export type CommandRequest = Static<typeof commandRequest>;

/** GET {callback_url}/v1/commands. */
export const commandList = Type.Object({ commands: Type.Array(command) });
export type CommandList = Static<typeof commandList>;

/** GET {callback_url}/v1/status; `started_at` in seconds since 1970. */
export const agentStatus = Type.Object({ started_at: Type.Number(), version: text });
export type AgentStatus = Static<typeof agentStatus>;

/** The files of a config drive; objects become JSON. `user_data` is written as it is. */
export const configDriveContents = Type.Object({
  meta_data: Type.Optional(Type.Record(text, Type.Unknown())),
  user_data: Type.Optional(Type.Union([text, Type.Record(text, Type.Unknown())])),
  network_data: Type.Optional(Type.Record(text, Type.Unknown())),
  vendor_data: Type.Optional(Type.Record(text, Type.Unknown())),
});
export type ConfigDriveContents = Static<typeof configDriveContents>;

/**
 * What to write (Ironic's image_info). A golden image is told by `undercloud_layout`, here or among `properties`; its partitions are read
 * from its own GPT. Compression is told by the first bytes.
 */
export const imageInfo = Type.Object(
  {
    id: text,
    urls: Type.Array(text, { minItems: 1 }),
    disk_format: Type.Optional(nullable(text)),
    container_format: Type.Optional(nullable(text)),
    image_type: Type.Optional(nullable(text)),
    /** md5, sha256 or sha512 in hexadecimal, told by its length. */
    checksum: Type.Optional(nullable(text)),
    os_hash_algo: Type.Optional(nullable(text)),
    os_hash_value: Type.Optional(nullable(text)),
    /** Bytes that travel, when known; makes progress a fraction from the start. */
    size: Type.Optional(nullable(Type.Number())),
    /** Keep the state partition (and what is in it) of an earlier golden image on this disk. */
    preserve_ephemeral: Type.Optional(nullable(Type.Boolean())),
    undercloud_layout: Type.Optional(nullable(Type.Union([Type.Integer(), text]))),
    properties: Type.Optional(nullable(Type.Record(text, Type.Unknown()))),
    root_device: Type.Optional(nullable(Type.Record(text, Type.Unknown()))),
  },
  open,
);
export type ImageInfo = Static<typeof imageInfo>;

/** Params of standby.prepare_image. A config drive is base64 of (gzipped) file system bytes, an http URL of the same, or its contents. */
export const prepareImage = Type.Object(
  {
    image_info: imageInfo,
    configdrive: Type.Optional(nullable(Type.Union([text, configDriveContents]))),
  },
  open,
);
export type PrepareImage = Static<typeof prepareImage>;

/** Result of standby.prepare_image and standby.cache_image. */
export const preparedImage = Type.Object({
  result: text,
  device: text,
  bytes: Type.Number(),
  seconds: Type.Number(),
  algorithm: nullable(text),
  digest: nullable(text),
  /** True when this very image was on the disk already, so nothing was written. */
  already_written: Type.Boolean(),
  /** True when an earlier state partition was kept. */
  state_kept: Type.Boolean(),
});
export type PreparedImage = Static<typeof preparedImage>;

/** Params of standby.run_image (ours: absent params mean a reboot through the firmware) and of undercloud.kexec. */
export const runImage = Type.Object(
  { kexec: Type.Optional(Type.Boolean()), cmdline: Type.Optional(nullable(text)) },
  open,
);
export type RunImage = Static<typeof runImage>;

/** Result of standby.run_image; `reason` says why kexec was not used although it was allowed. */
export const ranImage = Type.Object({
  result: text,
  method: Type.Union([Type.Literal('kexec'), Type.Literal('reboot')]),
  reason: Type.Optional(text),
});
export type RanImage = Static<typeof ranImage>;

export const step = Type.Object(
  {
    step: text,
    interface: text,
    priority: Type.Integer(),
    reboot_requested: Type.Boolean(),
    abortable: Type.Boolean(),
  },
  open,
);
export type Step = Static<typeof step>;

export const networkInterface = Type.Object({
  name: text,
  mac_address: text,
  ipv4_address: nullable(text),
  ipv6_address: nullable(text),
  has_carrier: Type.Boolean(),
  lldp: Type.Null(),
  vendor: nullable(text),
  product: nullable(text),
  client_id: Type.Null(),
  biosdevname: Type.Null(),
  speed_mbps: nullable(Type.Integer()),
});
export type NetworkInterface = Static<typeof networkInterface>;

export const disk = Type.Object({
  name: text,
  model: nullable(text),
  /** Bytes. */
  size: Type.Integer(),
  rotational: Type.Boolean(),
  wwn: nullable(text),
  wwn_with_extension: nullable(text),
  wwn_vendor_extension: nullable(text),
  serial: nullable(text),
  vendor: nullable(text),
  hctl: nullable(text),
  by_path: nullable(text),
  uuid: nullable(text),
  logical_sectors: Type.Integer(),
  physical_sectors: Type.Integer(),
});
export type Disk = Static<typeof disk>;

/** A machine as its ramdisk sees it: ironic-python-agent's inventory. */
export const inventory = Type.Object(
  {
    interfaces: Type.Array(networkInterface),
    cpu: Type.Object({
      model_name: nullable(text),
      frequency: nullable(text),
      count: Type.Integer(),
      architecture: text,
      flags: Type.Array(text),
      socket_count: Type.Integer(),
    }),
    /** `total` in bytes, `physical_mb` in MiB. */
    memory: Type.Object({ total: Type.Integer(), physical_mb: Type.Integer() }),
    disks: Type.Array(disk),
    bmc_address: nullable(text),
    bmc_v6address: nullable(text),
    bmc_mac: nullable(text),
    system_vendor: Type.Object({
      product_name: nullable(text),
      serial_number: nullable(text),
      manufacturer: nullable(text),
      firmware: Type.Object({ vendor: nullable(text), version: nullable(text), build_date: nullable(text) }),
    }),
    boot: Type.Object({
      current_boot_mode: Type.Union([Type.Literal('bios'), Type.Literal('uefi')]),
      pxe_interface: nullable(text),
    }),
    hostname: text,
  },
  open,
);
export type Inventory = Static<typeof inventory>;

/** POST {ipa-inspection-callback-url}: what an inspected machine sends; answered {uuid}. */
export const inspectionReport = Type.Object(
  {
    inventory,
    boot_interface: nullable(text),
    root_disk: nullable(disk),
    error: Type.Optional(nullable(text)),
  },
  open,
);
export type InspectionReport = Static<typeof inspectionReport>;

/** One software deployment in a machine's metadata, as Heat writes it. Groups `os-apply-config` and `Heat::Ungrouped` are plain data. */
export const deployment = Type.Object(
  {
    id: text,
    name: text,
    group: Type.Optional(nullable(text)),
    config: Type.Unknown(),
    inputs: Type.Optional(
      nullable(Type.Array(Type.Object({ name: text, value: Type.Optional(Type.Unknown()) }, open))),
    ),
    outputs: Type.Optional(nullable(Type.Array(Type.Object({ name: text }, open)))),
    options: Type.Optional(nullable(Type.Record(text, Type.Unknown()))),
    creation_time: Type.Optional(nullable(text)),
  },
  open,
);
export type Deployment = Static<typeof deployment>;

/** Where and how the in-machine agent gets its metadata: the `os-collect-config` key of vendor_data.json and of the metadata itself. */
export const collectSettings = Type.Object(
  {
    collectors: Type.Optional(Type.Array(text)),
    /** Seconds between polls of sources that cannot be held open; 30 unless given. */
    polling_interval: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    /** One URL, or several that serve the same metadata. */
    request: Type.Optional(Type.Object({ metadata_url: Type.Union([text, Type.Array(text)]) }, open)),
  },
  open,
);
export type CollectSettings = Static<typeof collectSettings>;

/** GET metadata_url: held open with `If-None-Match` and `Prefer: wait=60`; 200 with ETag, or 304 after the wait. */
export const machineMetadata = Type.Object(
  { deployments: Type.Optional(Type.Array(deployment)), 'os-collect-config': Type.Optional(collectSettings) },
  open,
);
export type MachineMetadata = Static<typeof machineMetadata>;

export const agentPhase = Type.Union([
  Type.Literal('started'),
  Type.Literal('refreshing'),
  Type.Literal('settled'),
  Type.Literal('failed'),
]);
export type AgentPhase = Static<typeof agentPhase>;

/** POST metadata_url: what the in-machine agent is at. `digest` is configurationDigest of the metadata it speaks of, null before any. */
export const agentReport = Type.Object({
  digest: nullable(text),
  phase: agentPhase,
  agent_version: text,
  /** Changes with each start of the machine. */
  boot_id: nullable(text),
  hostname: text,
  /** Why the phase is `failed`. */
  error: Type.Optional(text),
});
export type AgentReport = Static<typeof agentReport>;

/** POST to the `deploy_signal_id` input: a deployment's result, with each of its outputs as a further member. */
export const deploymentSignal = Type.Object(
  { deploy_stdout: text, deploy_stderr: text, deploy_status_code: Type.Union([Type.Integer(), text]) },
  open,
);
export type DeploymentSignal = Static<typeof deploymentSignal>;

/** POST to the optional `deploy_log_url` input while a deployment runs. `offset` counts characters of this stream from its start. */
export const deploymentLog = Type.Object({
  id: text,
  stream: Type.Union([Type.Literal('stdout'), Type.Literal('stderr')]),
  offset: Type.Integer(),
  text,
});
export type DeploymentLog = Static<typeof deploymentLog>;
