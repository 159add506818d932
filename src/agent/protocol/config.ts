// Messages between the server and the in-machine agent: metadata, deployments, reports and results.
import { type Static, Type } from '@sinclair/typebox';
import { nullable, open, text } from './shapes.ts';

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
