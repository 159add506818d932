// Brings a rack up in the background and takes it down, whatever state a crash left it in.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { askDown, askStatus } from '../control.ts';
import { rackErrors } from '../errors.ts';
import { type RackFolder, rackFolder, readJson, writeJson } from '../folder.ts';
import { endProcess, processesByMark, processNow, waitUntilGone } from '../own-process.ts';
import { removeRackNetwork } from '../serve.ts';
import { defaultRackOptions, optionsOf, type RackOptions, RackSpec, rackSpec, specDifferences } from '../spec.ts';
import type { RackStatus } from '../status.ts';

/** The status of the rack that is up. Throws `rack-process-gone` when only its guests are, `rack-not-up` when nothing is. */
export async function rackStatus(data: string): Promise<RackStatus> {
  const folder = rackFolder(data);
  const status = await askStatus(folder.control);
  if (status) return status;
  const spec = readJson(folder.spec, RackSpec);
  const guests = spec ? runningMachines(folder, spec).size : 0;
  throw spec && guests > 0 ? rackErrors.processGone(spec.name, guests) : rackErrors.notUp(folder.path);
}

export interface UpResult {
  readonly status: RackStatus;
  readonly wasUp: boolean;
  /** Guests that a rack process left running and this one took back. */
  readonly takenBack: number;
}

function runningMachines(folder: RackFolder, spec: RackSpec): ReturnType<typeof processesByMark> {
  return processesByMark(spec.machines.map((machine) => folder.machine(machine.name).monitor));
}

function ipmiServers(folder: RackFolder, spec: RackSpec): ReturnType<typeof processesByMark> {
  return processesByMark(spec.machines.map((machine) => folder.machine(machine.name).ipmi.lan));
}

/** Ends guests and removes the network of a rack whose process is gone. Returns how many guests it ended. */
async function clearLeftovers(folder: RackFolder, spec: RackSpec): Promise<number> {
  const guests = runningMachines(folder, spec);
  const all = [...guests.values(), ...ipmiServers(folder, spec).values()];
  await Promise.all(all.map((own) => endProcess(own)));
  for (const machine of spec.machines) rmSync(folder.machine(machine.name).power, { force: true });
  await removeRackNetwork(spec, folder.path);
  rmSync(folder.control, { force: true });
  return guests.size;
}

/** How this very command is run again: from source or from the bundle. */
function ownCommand(): string[] {
  return [...process.execArgv, process.argv[1] ?? ''];
}

async function startInBackground(folder: RackFolder, data: string): Promise<RackStatus> {
  const log = openSync(folder.log, 'w', 0o600);
  const child = spawn(process.execPath, [...ownCommand(), 'rack', 'serve', '--data', data], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let ended = false;
  child.once('error', () => {
    ended = true;
  });
  child.once('exit', () => {
    ended = true;
  });
  while (!ended) {
    const status = await askStatus(folder.control);
    if (status && status.pid === child.pid) {
      child.unref();
      return status;
    }
    await wait(25);
  }
  throw rackErrors.didNotServe(folder.log, readFileSync(folder.log, 'utf8'));
}

/**
 * Brings the rack of a data folder up. What is not asked for stays as it was. A rack that is up as asked is left alone;
 * one that is up otherwise is refused with the differences.
 */
export async function rackUp(data: string, asked: Partial<RackOptions>): Promise<UpResult> {
  const folder = rackFolder(data);
  const before = readJson(folder.spec, RackSpec);
  const spec = rackSpec({ ...defaultRackOptions, ...(before ? optionsOf(before) : {}), ...asked }, before);
  const up = await askStatus(folder.control);
  if (up && before) {
    const differences = specDifferences(before, spec);
    if (differences.length > 0) throw rackErrors.differentRackUp(up.name, up.pid, differences);
    return { status: up, wasUp: true, takenBack: 0 };
  }
  // Guests of another shape than the one asked for cannot be taken back.
  if (before && specDifferences(before, spec).length > 0) await clearLeftovers(folder, before);
  const takenBack = runningMachines(folder, spec).size;
  mkdirSync(folder.path, { recursive: true });
  writeJson(folder.spec, spec);
  try {
    return { status: await startInBackground(folder, data), wasUp: false, takenBack };
  } catch (error) {
    // What could not be brought up is not what the next `rack up` goes on from.
    if (before) writeJson(folder.spec, before);
    else rmSync(folder.spec, { force: true });
    throw error;
  }
}

export interface DownResult {
  readonly name: string;
  readonly machines: number;
  /** Guests ended here because the rack's own process was gone. */
  readonly leftoverGuests: number;
}

const downLimitMs = 60_000;

/** Takes the rack down: machines off, network gone; disks stay unless `wipe`. Throws `rack-not-up` when there is nothing. */
export async function rackDown(data: string, wipe: boolean): Promise<DownResult> {
  const folder = rackFolder(data);
  const spec = readJson(folder.spec, RackSpec);
  if (!spec) throw rackErrors.notUp(folder.path);
  const status = await askStatus(folder.control);
  const own = status && processNow(status.pid);
  if (own && (await askDown(folder.control)) && !(await waitUntilGone(own, downLimitMs))) await endProcess(own);
  const leftoverGuests = await clearLeftovers(folder, spec);
  if (wipe) rmSync(folder.path, { recursive: true, force: true });
  return { name: spec.name, machines: spec.machines.length, leftoverGuests };
}
