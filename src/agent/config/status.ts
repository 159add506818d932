// What the in-machine agent knows, for a person at the machine.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { agentVersion } from '../version.ts';
import { bootId, readApplied } from './converge.ts';
import { openLedger } from './deployments/ledger.ts';
import type { Paths } from './paths.ts';

/** As JSON: version, the configuration that runs, and each deployment's state. */
export async function statusText(paths: Paths): Promise<string> {
  const applied = await readApplied(paths);
  const folder = join(paths.state, 'deployments');
  const ledger = openLedger(folder);
  const names = await readdir(folder).catch(() => []);
  const deployments = [];
  for (const name of names.filter((file) => file.endsWith('.json'))) {
    const entry = await ledger.get(name.slice(0, -5));
    if (entry) {
      const { id, state, result } = entry;
      deployments.push({ id, name: entry.entry.name, state, status: result?.deploy_status_code ?? null });
    }
  }
  const thisBoot = applied.bootId === (await bootId(paths));
  return JSON.stringify(
    { version: agentVersion(), digest: applied.metadataDigest ?? null, applied_since_boot: thisBoot, deployments },
    null,
    2,
  );
}
