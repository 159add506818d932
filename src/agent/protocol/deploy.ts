// Messages between the server and the deploy agent: lookup, heartbeat, commands and their results.
import { type Static, Type } from '@sinclair/typebox';
import { nullable, open, text } from './shapes.ts';

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

/** Ours has all members; a stock agent that was surprised tells its `error` alone. */
export const commandError = Type.Object(
  {
    type: Type.Optional(text),
    code: Type.Optional(Type.Integer()),
    message: Type.Optional(text),
    details: Type.Optional(text),
    error: Type.Optional(text),
  },
  open,
);
export type CommandError = Static<typeof commandError>;

export const commandStatus = Type.Union([
  Type.Literal('RUNNING'),
  Type.Literal('SUCCEEDED'),
  Type.Literal('FAILED'),
  Type.Literal('CLEAN_VERSION_MISMATCH'),
  // The newer name of the same.
  Type.Literal('VERSION_MISMATCH'),
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
    /** For image_type `partition`: the partitions to make, MiB; 0 for none. */
    root_mb: Type.Optional(nullable(Type.Integer())),
    swap_mb: Type.Optional(nullable(Type.Integer())),
    ephemeral_mb: Type.Optional(nullable(Type.Integer())),
    ephemeral_format: Type.Optional(nullable(text)),
    /** Without them: as the ramdisk itself was started, and the kind of table that is usual for that. */
    deploy_boot_mode: Type.Optional(nullable(Type.Union([Type.Literal('bios'), Type.Literal('uefi')]))),
    disk_label: Type.Optional(nullable(Type.Union([Type.Literal('gpt'), Type.Literal('msdos')]))),
    /** Always `local`; stock agents make no EFI system partition without it. */
    boot_option: Type.Optional(nullable(text)),
    node_uuid: Type.Optional(nullable(text)),
    /** Stock agents keep a raw image in memory before they write it unless told to stream. */
    stream_raw_images: Type.Optional(Type.Boolean()),
    /** Keep what an earlier golden image has in its state partition, or an earlier partition image's ephemeral partition. */
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
  /** True when an earlier state or ephemeral partition was kept. */
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
