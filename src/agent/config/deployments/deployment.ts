// A software deployment as it stands in a machine's metadata.
import { canonicalJson, configurationDigest } from '../../digest.ts';
import { isObject, type Json, listOf, numberOf, objectOf, textOf } from '../../parse.ts';
import { dataGroups } from '../collect/merge.ts';

export interface DeploymentToRun {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly inputs: ReadonlyMap<string, unknown>;
  readonly outputs: readonly string[];
  readonly timeoutMs: number;
  /** Names what would be run: the same digest is never run twice. */
  readonly digest: string;
  /** The whole entry, as hooks get it. */
  readonly entry: Json;
}

/** Deployments have their own deadline at the server; this one only keeps a machine from hanging for ever. */
const defaultTimeoutSeconds = 4 * 3600;

/** Inputs that say where to send the result; they may be signed anew without anything else to do. */
const signalInputs = /^deploy_(?:signal_|log_url|auth_url|user_id|username|password|project_id|region_name|queue_id)/;

/** The deployments of a source's content in their order; entries without id and name are left out. */
export function deploymentsOf(content: Json): readonly DeploymentToRun[] {
  return listOf(content, 'deployments').flatMap((entry) => {
    if (!isObject(entry)) return [];
    const id = textOf(entry, 'id');
    const name = textOf(entry, 'name') ?? id;
    if (id === undefined || name === undefined) return [];
    const inputs = new Map<string, unknown>();
    for (const input of listOf(entry, 'inputs')) {
      if (isObject(input) && typeof input.name === 'string') inputs.set(input.name, input.value);
    }
    const outputs = listOf(entry, 'outputs').flatMap((output) =>
      isObject(output) && typeof output.name === 'string' ? [output.name] : [],
    );
    const group = textOf(entry, 'group') ?? 'Heat::Ungrouped';
    const seconds = numberOf(objectOf(entry, 'options') ?? {}, 'timeout') ?? defaultTimeoutSeconds;
    const meaning = [...inputs].filter(([input]) => !signalInputs.test(input));
    const digest = configurationDigest([id, group, entry.config, meaning, outputs, entry.options ?? null]);
    return [{ id, name, group, inputs, outputs, timeoutMs: seconds * 1000, digest, entry }];
  });
}

export function isData(deployment: DeploymentToRun): boolean {
  return dataGroups.includes(deployment.group);
}

/** An input as text: what it is when text, nothing for null, else JSON. */
export function inputText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : canonicalJson(value);
}
