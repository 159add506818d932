// Gives a machine its name, its keys and its user data from the config drive, where no cloud-init does.
import { access, chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asAgentError } from '../errors.ts';
import { isObject, type Json, listOf, objectOf, textOf } from '../parse.ts';
import type { ConfigDrive } from './config-drive.ts';
import { readIfThere, writeWhole } from './files.ts';
import type { Paths } from './paths.ts';
import { runProgram } from './program.ts';
import { userDataParts } from './user-data.ts';

const userDataTimeoutMs = 3_600_000;

/** Each part once per instance (by the uuid in meta_data.json) or when it changed; failures are logged and keep nothing else from running. */
export async function setUpInstance(drive: ConfigDrive, paths: Paths, log: (line: string) => void): Promise<void> {
  if (await exists(join(paths.output, 'usr/bin/cloud-init'))) return;
  const steps = [
    () => setHostname(drive.metaData, paths),
    () => authorizeKeys(drive.metaData, paths),
    () => runUserData(drive, paths, log),
  ];
  for (const step of steps) {
    await step().catch((thrown: unknown) => log(`instance: ${asAgentError(thrown).details}`));
  }
}

async function setHostname(metaData: Json, paths: Paths): Promise<void> {
  const name = (textOf(metaData, 'hostname') ?? textOf(metaData, 'name'))?.split('.')[0];
  if (!name || !/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/.test(name)) return;
  const file = join(paths.output, 'etc/hostname');
  if ((await readIfThere(file))?.trim() !== name) await writeWhole(file, `${name}\n`, 0o644);
  const hostsFile = join(paths.output, 'etc/hosts');
  const hosts = (await readIfThere(hostsFile)) ?? '127.0.0.1 localhost\n';
  const others = hosts.split('\n').filter((line) => !line.startsWith('127.0.1.1'));
  const wanted = `${others.join('\n').trimEnd()}\n127.0.1.1 ${textOf(metaData, 'hostname') ?? name} ${name}\n`;
  if (wanted !== hosts) await writeWhole(hostsFile, wanted, 0o644);
  await writeFile(paths.kernelHostname, name);
}

/** Adds keys that are not there; others' keys stay. */
async function authorizeKeys(metaData: Json, paths: Paths): Promise<void> {
  const named = Object.values(objectOf(metaData, 'public_keys') ?? {});
  const listed = listOf(metaData, 'keys').flatMap((key) => (isObject(key) && key.type === 'ssh' ? [key.data] : []));
  const keys = [
    ...new Set([...named, ...listed].filter((key): key is string => typeof key === 'string').map((key) => key.trim())),
  ];
  if (keys.length === 0) return;
  const folder = join(paths.output, 'root/.ssh');
  const file = join(folder, 'authorized_keys');
  const present = (await readIfThere(file)) ?? '';
  const missing = keys.filter((key) => !present.split('\n').includes(key));
  if (missing.length === 0) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeWhole(file, `${[present.trimEnd(), ...missing].filter(Boolean).join('\n')}\n`, 0o600);
}

async function runUserData(drive: ConfigDrive, paths: Paths, log: (line: string) => void): Promise<void> {
  const { userData } = drive;
  const uuid = textOf(drive.metaData, 'uuid') ?? 'unknown';
  const done = join(paths.state, 'user-data-done');
  if (userData === undefined || (await readIfThere(done)) === uuid) return;
  const folder = join(paths.state, 'user-data');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [index, part] of userDataParts(userData).entries()) {
    if (part.kind === 'cfn-init-data') await writeWhole(paths.cfnInitData, part.content);
    else if (part.kind === 'script') {
      const script = join(folder, `part-${index}`);
      await writeFile(script, part.content, { mode: 0o700 });
      await chmod(script, 0o700);
      const result = await runProgram(script, [], {
        timeoutMs: userDataTimeoutMs,
        onOutput: (_stream, text) => {
          for (const line of text.trimEnd().split('\n')) log(`user data: ${line}`);
        },
      });
      log(`user data part ${index} ended with status ${result.status}`);
    } else log(`user data part ${index} is ${part.type}, which needs cloud-init in the image; it is left out`);
  }
  await writeWhole(done, uuid);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
