// The in-machine agent: watches its sources, converges when something is new, reports.
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { configurationDigest } from '../digest.ts';
import { asAgentError } from '../errors.ts';
import { type Json, objectOf, parseObject } from '../parse.ts';
import type { AgentPhase } from '../protocol.ts';
import { agentVersion } from '../version.ts';
import { lastContent } from './collect/cache.ts';
import type { Source } from './collect/source.ts';
import { makeSources, type Sources } from './collect/sources.ts';
import { type ConfigDrive, noConfigDrive, readConfigDrive } from './config-drive.ts';
import { bootId, type ConvergeOptions, converge, readApplied } from './converge.ts';
import { openLedger } from './deployments/ledger.ts';
import { setUpInstance } from './instance.ts';
import { createOutbox } from './outbox.ts';
import type { Paths } from './paths.ts';
import { mergeSettings, readSettingsFile, type Settings } from './settings.ts';
import { userDataParts } from './user-data.ts';

export interface ConfigAgentOptions {
  readonly paths: Paths;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

export interface ConfigAgent {
  /** Collects, converges and delivers once; answers whether the machine runs its configuration. */
  once(signal: AbortSignal, force?: boolean): Promise<boolean>;
  /** Works until `signal` is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

const configDriveAttempts = 60;
const configDriveRetryMs = 500;
const refreshTimeoutMs = 3_600_000;
const firstRetryMs = 10_000;
const longestRetryMs = 600_000;
/** A source that says "unchanged" faster than this did not wait at all. */
const heldAtLeastMs = 1_000;

/** Early in the boot the drive may not be there yet; a machine that has settings in a file does not wait for one. */
async function awaitConfigDrive(options: ConfigAgentOptions, file: Json): Promise<ConfigDrive> {
  const never = new AbortController().signal;
  for (let attempt = 0; ; attempt += 1) {
    const drive = await readConfigDrive(options.paths);
    if (drive) return drive;
    if (attempt === configDriveAttempts || Object.keys(file).length > 0) return noConfigDrive;
    if (attempt === 0) options.log('no config drive yet');
    await options.clock.sleep(configDriveRetryMs, never);
  }
}

/** Heat hands the first settings over in user data when the machine's user_data_format is SOFTWARE_CONFIG. */
function bootstrapSettings(drive: ConfigDrive): Json {
  const part = userDataParts(drive.userData ?? '').find((candidate) => candidate.kind === 'cfn-init-data');
  if (part?.kind !== 'cfn-init-data') return {};
  return objectOf(parseObject(part.content, 'cfn-init-data'), 'os-collect-config') ?? {};
}

export async function createConfigAgent(options: ConfigAgentOptions): Promise<ConfigAgent> {
  const { paths, clock, log } = options;
  const contents = new Map<string, Json>();
  const file = await readSettingsFile(paths);
  const drive = await awaitConfigDrive(options, file);
  const fixed = [file, bootstrapSettings(drive), objectOf(drive.vendorData, 'os-collect-config') ?? {}];
  const settings = (): Settings => {
    const said = [...contents.values()].map((content) => objectOf(content, 'os-collect-config') ?? {});
    return mergeSettings([...fixed, ...said]);
  };
  const ledger = openLedger(join(paths.state, 'deployments'));
  let sources: Sources = makeSources(settings, paths, log);
  const outbox = createOutbox({
    ledger,
    reportUrl: () => sources.request?.answering() ?? settings().metadataUrls[0],
    clock,
    log,
  });
  const boot = await bootId(paths);
  const report = (phase: AgentPhase, digest: string | undefined, error?: string) =>
    outbox.report({
      digest: digest ?? null,
      phase,
      agent_version: agentVersion(),
      boot_id: boot || null,
      hostname: hostname(),
      ...(error === undefined ? {} : { error }),
    });
  const convergence: ConvergeOptions = {
    paths,
    env: options.env,
    clock,
    log,
    ledger,
    refreshTimeoutMs,
    resultReady: outbox.wake,
    phaseChanged(phase, of, error) {
      const request = of.get('request');
      report(phase, request && configurationDigest(request), error);
    },
  };

  /** Takes in what a source says; the order of sources stays that of the settings. Answers whether it was news. */
  function accept(name: string, content: Json): boolean {
    const old = contents.get(name);
    if (old !== undefined && configurationDigest(old) === configurationDigest(content)) return false;
    const next = new Map(contents).set(name, content);
    contents.clear();
    for (const { name: known } of sources.all) {
      const value = next.get(known);
      if (value !== undefined) contents.set(known, value);
    }
    return true;
  }

  /** Asks every source once; one that does not answer counts with what it said last. */
  async function first(signal: AbortSignal): Promise<void> {
    for (const source of sources.all) {
      try {
        const content = await source.collect(signal);
        if (content !== 'unchanged') accept(source.name, content);
      } catch (thrown) {
        log(`${source.name}: ${asAgentError(thrown).message}`);
      }
      const last = contents.has(source.name) ? undefined : await lastContent(paths, source.name);
      if (last) accept(source.name, last);
    }
  }

  async function watch(source: Source, signal: AbortSignal, news: () => void): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const started = clock.now();
      let restMs = source.holdsOpen ? 0 : settings().pollingIntervalMs;
      try {
        const content = await source.collect(signal);
        const isNews = content !== 'unchanged' && accept(source.name, content);
        if (isNews) news();
        // A server that does not hold the request is polled like any other source.
        else if (source.holdsOpen && clock.now() - started < heldAtLeastMs) restMs = settings().pollingIntervalMs;
        failures = 0;
      } catch (thrown) {
        if (signal.aborted) return;
        failures += 1;
        restMs = Math.min(1_000 * 2 ** (failures - 1), settings().pollingIntervalMs) * (0.5 + clock.random() / 2);
        log(`${source.name}: ${asAgentError(thrown).message}`);
      }
      if (restMs > 0) await clock.sleep(restMs, signal);
    }
  }

  /** Watches all sources and converges at each news, until the settings name other sources. */
  async function work(signal: AbortSignal): Promise<void> {
    const watching = new AbortController();
    const end = () => watching.abort();
    signal.addEventListener('abort', end);
    const named = settings().collectors.join();
    let news = new AbortController();
    const loops = sources.all.map((source) => watch(source, watching.signal, () => news.abort()));
    let retryMs = firstRetryMs;
    while (!signal.aborted && settings().collectors.join() === named) {
      news = new AbortController();
      const stop = () => news.abort();
      watching.signal.addEventListener('abort', stop);
      const done = contents.size === 0 || (await converge(new Map(contents), convergence).catch(failed));
      retryMs = done ? firstRetryMs : Math.min(retryMs * 2, longestRetryMs);
      if (!signal.aborted) await clock.sleep(done ? 2 ** 31 - 1 : retryMs, news.signal);
      watching.signal.removeEventListener('abort', stop);
    }
    watching.abort();
    signal.removeEventListener('abort', end);
    await Promise.all(loops);
  }

  function failed(thrown: unknown): boolean {
    const error = asAgentError(thrown);
    log(`cannot converge: ${error.details}`);
    report('failed', undefined, error.details.slice(0, 8_000));
    return false;
  }

  return {
    async once(signal, force = false) {
      await first(signal);
      const done = await converge(new Map(contents), convergence, force).catch(failed);
      await outbox.drained(signal);
      return done;
    },
    async run(signal) {
      const sending = outbox.run(signal);
      // Beside the rest: user data may take its time, or never end.
      const settingUp = setUpInstance(drive, paths, log);
      report('started', (await readApplied(paths)).metadataDigest);
      await first(signal);
      while (!signal.aborted) {
        await work(signal);
        if (!signal.aborted) sources = makeSources(settings, paths, log);
      }
      await Promise.all([sending, settingUp]);
    },
  };
}
