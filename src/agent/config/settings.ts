// What tells the agent where to ask: its settings file, the config drive and what the server has said since.
import { AgentError } from '../errors.ts';
import { isObject, type Json, listOf, numberOf, objectOf, parseObject, textOf } from '../parse.ts';
import { readIfThere } from './files.ts';
import type { Paths } from './paths.ts';

export interface Settings {
  /** Names of sources, later ones override earlier ones. */
  readonly collectors: readonly string[];
  readonly pollingIntervalMs: number;
  /** Seconds for which a metadata request is held open. */
  readonly holdSeconds: number;
  /** Each source's own settings by its name. */
  readonly sources: Readonly<Record<string, Json>>;
  /** Every URL that serves this machine's metadata, the newest first. */
  readonly metadataUrls: readonly string[];
}

/**
 * Settings from several `os-collect-config` objects, the most trusted last. URLs of all of them are kept: when what the server said last
 * leads nowhere, what the machine was deployed with still does.
 */
export function mergeSettings(layers: readonly Json[]): Settings {
  const sources: Record<string, Json> = {};
  let collectors: readonly string[] = [];
  let pollingIntervalMs = 30_000;
  let holdSeconds = 60;
  const urls: string[] = [];
  for (const layer of layers) {
    const named = listOf(layer, 'collectors').filter((name): name is string => typeof name === 'string');
    if (named.length > 0) collectors = named;
    pollingIntervalMs = (numberOf(layer, 'polling_interval') ?? pollingIntervalMs / 1000) * 1000;
    holdSeconds = numberOf(layer, 'hold_seconds') ?? holdSeconds;
    for (const [name, value] of Object.entries(layer)) {
      if (isObject(value)) sources[name] = { ...sources[name], ...value };
    }
    const request = objectOf(layer, 'request') ?? {};
    const own = textOf(request, 'metadata_url');
    const several = listOf(request, 'metadata_url').filter((url): url is string => typeof url === 'string');
    urls.unshift(...(own === undefined ? several : [own]));
  }
  const fallback = urls.length > 0 ? ['request', 'local'] : ['local'];
  return {
    collectors: collectors.length > 0 ? collectors : fallback,
    pollingIntervalMs,
    holdSeconds,
    sources,
    metadataUrls: [...new Set(urls)],
  };
}

/** The settings file's object, empty without one. Throws AgentError `malformed`. */
export async function readSettingsFile(paths: Paths): Promise<Json> {
  const text = await readIfThere(paths.settingsFile);
  return text === undefined ? {} : parseObject(text, paths.settingsFile);
}

/** A source's setting that must be there. Throws AgentError `metadata`. */
export function requiredSetting(settings: Json, source: string, key: string): string {
  const value = textOf(settings, key);
  if (value === undefined || value === '')
    throw new AgentError('metadata', `source ${source} lacks the setting ${key}`);
  return value;
}
