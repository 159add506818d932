// The rack process: opens the rack, serves it, and takes it down when told to.
import { askStatus, serveControl } from './control.ts';
import { rackErrors } from './errors.ts';
import { rackFolder } from './folder.ts';
import { removeNetwork } from './network/index.ts';
import { Rack } from './rack.ts';
import type { RackSpec } from './spec.ts';

function log(text: string): void {
  process.stderr.write(`${new Date().toISOString()} ${text}\n`);
}

function describe(error: unknown): string {
  return error instanceof Error
    ? `${error.message}${error.cause instanceof Error ? ` (${error.cause.message})` : ''}`
    : String(error);
}

/** Removes the network of a rack, where it has one. */
export async function removeRackNetwork(spec: RackSpec, owner: string): Promise<void> {
  if (spec.kind !== 'qemu') return;
  await removeNetwork(
    spec.name,
    owner,
    spec.machines.flatMap((machine) => machine.nics.map((nic) => nic.tap)),
  );
}

/** Serves the rack of a data folder until it is told to go down: over its control API, or by SIGTERM or SIGINT. */
export async function serveRack(data: string): Promise<void> {
  const folder = rackFolder(data);
  const other = await askStatus(folder.control);
  if (other) throw rackErrors.servedAlready(other.name, other.pid);
  const rack = await Rack.open({
    folder,
    now: () => new Date(),
    report: (machine, error) => log(`${machine}: ${describe(error)}`),
  });
  await new Promise<void>((down, failed) => {
    const stop = (): void => down();
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    serveControl(rack, folder.control, stop).then((control) => {
      log(`rack ${rack.spec.name} serves ${rack.spec.machines.length} machines`);
      process.once('exit', () => control.close());
    }, failed);
  });
  log(`rack ${rack.spec.name} goes down`);
  await rack.close();
  await removeRackNetwork(rack.spec, folder.path);
  process.exit(0);
}
