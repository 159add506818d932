// Where a rack keeps its files: the one place that knows their names.
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Static, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { rackErrors } from './errors.ts';

/** sun_path holds 108 bytes with its closing zero: unix(7). */
const longestSocketPath = 107;

function socketPath(path: string): string {
  if (Buffer.byteLength(path) > longestSocketPath) throw rackErrors.pathTooLong(path);
  return path;
}

export interface MachineFolder {
  readonly path: string;
  readonly monitor: string;
  readonly console: string;
  readonly consoleLog: string;
  readonly qemuLog: string;
  readonly bmcState: string;
  readonly power: string;
  readonly media: string;
  readonly variables: string;
  readonly ipmi: { readonly lan: string; readonly emulator: string; readonly chassis: string; readonly state: string };
  disk(index: number): string;
}

export interface RackFolder {
  readonly path: string;
  readonly spec: string;
  readonly log: string;
  readonly control: string;
  readonly nodes: string;
  readonly instackenv: string;
  /** Nodes file for the IPMI faces; written where there are any. */
  readonly nodesIpmi: string;
  readonly accelerator: string;
  machine(name: string): MachineFolder;
}

/** The files of the rack in a data folder. Throws `path-too-long` when its sockets could not be named. */
export function rackFolder(data: string): RackFolder {
  const path = join(resolve(data), 'rack');
  return {
    path,
    spec: join(path, 'rack.json'),
    log: join(path, 'rack.log'),
    control: socketPath(join(path, 'control.sock')),
    nodes: join(path, 'nodes.json'),
    instackenv: join(path, 'instackenv.json'),
    nodesIpmi: join(path, 'nodes-ipmi.json'),
    accelerator: join(path, 'accelerator.json'),
    machine(name) {
      const folder = join(path, name);
      return {
        path: folder,
        monitor: socketPath(join(folder, 'qmp.sock')),
        console: socketPath(join(folder, 'tty.sock')),
        consoleLog: join(folder, 'console.log'),
        qemuLog: join(folder, 'qemu.log'),
        bmcState: join(folder, 'bmc.json'),
        power: join(folder, 'power.json'),
        media: join(folder, 'media'),
        variables: join(folder, 'uefi-variables.fd'),
        ipmi: {
          lan: join(folder, 'ipmi-lan.conf'),
          emulator: join(folder, 'ipmi.emu'),
          chassis: join(folder, 'ipmi-chassis'),
          state: join(folder, 'ipmi'),
        },
        disk: (index) => join(folder, `disk${index}.raw`),
      };
    },
  };
}

/** Writes JSON that a crash leaves either old or new, readable by its owner alone: it may hold passwords. */
export function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  const next = `${path}.next`;
  writeFileSync(next, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  chmodSync(next, 0o600);
  renameSync(next, path);
}

/** Reads and checks JSON the rack wrote; undefined when there is none. Throws `bad-rack-file`. */
export function readJson<S extends TSchema>(path: string, schema: S): Static<S> | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    return Value.Decode(schema, JSON.parse(text));
  } catch (error) {
    throw rackErrors.badFile(path, error instanceof Error ? error.message : String(error));
  }
}

/** True for the error of a file or process that is not there. */
export function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ENOENT' || error.code === 'ESRCH' || error.code === 'ENOTDIR')
  );
}
