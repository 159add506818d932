// Brings the machine to the configuration that was collected: templates, phases, deployments, each only when needed.
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { configurationDigest } from '../digest.ts';
import { asAgentError } from '../errors.ts';
import { type Json, textOf } from '../parse.ts';
import type { AgentPhase } from '../protocol.ts';
import { installTemplates } from './apply/install.ts';
import { readMetadata } from './apply/metadata.ts';
import { storeContributions } from './collect/cache.ts';
import { deploymentsOf } from './deployments/deployment.ts';
import type { Ledger } from './deployments/ledger.ts';
import { leftoversIn } from './deployments/leftover.ts';
import { runDeployments, settleDataDeployments } from './deployments/run.ts';
import { readIfThere, readJsonFile, writeWhole } from './files.ts';
import type { Paths } from './paths.ts';
import { firstFolder, refresh } from './refresh/phases.ts';

export interface ConvergeOptions {
  readonly paths: Paths;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  readonly ledger: Ledger;
  readonly refreshTimeoutMs: number;
  readonly resultReady: () => void;
  readonly phaseChanged: (phase: AgentPhase, contents: ReadonlyMap<string, Json>, error?: string) => void;
}

export interface AppliedState {
  /** Digest over all sources' contents that the machine runs with. */
  readonly digest: string | undefined;
  /** Digest of the `request` source's content in it, which the server knows. */
  readonly metadataDigest: string | undefined;
  readonly bootId: string | undefined;
}

const stateFile = (paths: Paths) => join(paths.state, 'state.json');

export async function readApplied(paths: Paths): Promise<AppliedState> {
  const state = (await readJsonFile(stateFile(paths))) ?? {};
  return {
    digest: textOf(state, 'digest'),
    metadataDigest: textOf(state, 'metadata_digest'),
    bootId: textOf(state, 'boot_id'),
  };
}

export async function bootId(paths: Paths): Promise<string> {
  return (await readIfThere(paths.bootId))?.trim() ?? '';
}

/** The folders in use; the variables are those of the os-*-config tools. */
export async function templateFolder(paths: Paths, env: NodeJS.ProcessEnv): Promise<string> {
  return env.OS_CONFIG_APPLIER_TEMPLATES ?? firstFolder(paths.templates);
}
export async function refreshFolder(paths: Paths, env: NodeJS.ProcessEnv): Promise<string> {
  return env.OS_REFRESH_CONFIG_BASE_DIR ?? firstFolder(paths.refresh);
}

/**
 * Runs everything once for these contents, unless this boot already runs them. Answers whether the machine now runs them; a failure has
 * been reported and is to be tried again.
 */
export async function converge(
  contents: ReadonlyMap<string, Json>,
  options: ConvergeOptions,
  force = false,
): Promise<boolean> {
  const { paths, log } = options;
  const files = await storeContributions(paths, contents);
  const digest = configurationDigest([...contents]);
  const boot = await bootId(paths);
  const applied = await readApplied(paths);
  if (!force && applied.digest === digest && applied.bootId === boot) {
    options.phaseChanged('settled', contents);
    return true;
  }
  options.phaseChanged('refreshing', contents);
  const env = { ...options.env, OS_CONFIG_FILES: files.join(':') };
  const deployments = [...contents.values()].flatMap(deploymentsOf);
  const applyTemplates = async () => {
    await installTemplates({
      templates: await templateFolder(paths, options.env),
      output: paths.output,
      metadata: await readMetadata(files),
      validate: false,
      log,
    });
  };
  const running = {
    ledger: options.ledger,
    hookFolders: paths.hooks,
    scriptFolder: paths.scripts,
    leftovers: leftoversIn(paths.state, paths.proc),
    applyTemplates,
    clock: options.clock,
    resultReady: options.resultReady,
    log,
  };
  try {
    await refresh({
      folder: await refreshFolder(paths, options.env),
      lockFile: join(paths.run, 'refresh.lock'),
      env,
      timeoutMs: options.refreshTimeoutMs,
      clock: options.clock,
      log,
      before: { configure: applyTemplates },
      after: { configure: () => runDeployments(deployments, running) },
    });
  } catch (thrown) {
    const error = asAgentError(thrown);
    log(`refresh failed: ${error.details}`);
    options.phaseChanged('failed', contents, error.details.slice(0, 8_000));
    return false;
  }
  await settleDataDeployments(deployments, running);
  const request = contents.get('request');
  const state = { digest, metadata_digest: request && configurationDigest(request), boot_id: boot };
  await writeWhole(stateFile(paths), JSON.stringify(state));
  options.phaseChanged('settled', contents);
  return true;
}
