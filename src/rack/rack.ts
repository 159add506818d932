// A running rack: its network, its machines and their BMCs.
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { Bmc, BmcServer } from './bmc/index.ts';
import { rackErrors } from './errors.ts';
import { type Faults, machineFaults, withFault } from './faults/index.ts';
import { type RackFolder, readJson, writeJson } from './folder.ts';
import { IpmiServer } from './ipmi/index.ts';
import {
  type Accelerator,
  type Board,
  chooseAccelerator,
  type Machine,
  QemuMachine,
  SimulatedMachine,
} from './machine/index.ts';
import { openNetwork, type RackNetwork } from './network/index.ts';
import { instackenv, ipmiDriver, nodesFile, redfishDriver } from './nodes-file.ts';
import { firstBmcPort, type MachineSpec, RackSpec } from './spec.ts';
import type { MachineStatus, RackStatus } from './status.ts';

interface Place {
  readonly bmc: Bmc;
  readonly server: BmcServer;
  readonly ipmi: IpmiServer | undefined;
}

/** A dead BMC is dead in both its languages. */
async function followFaultsOverIpmi({ bmc, ipmi }: Place): Promise<void> {
  if (bmc.state.faults['bmc-dead'] === undefined) await ipmi?.open();
  else await ipmi?.close();
}

export interface RackSurroundings {
  readonly folder: RackFolder;
  now(): Date;
  /** What goes wrong where no caller waits; `machine` names where. */
  report(machine: string, error: unknown): void;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}

/** Gives every machine without a BMC port one that is free now. */
async function withPorts(spec: RackSpec): Promise<RackSpec> {
  const taken = new Set(spec.machines.map((machine) => machine.bmc.port));
  let next = firstBmcPort(spec.name);
  const machines: MachineSpec[] = [];
  for (const machine of spec.machines) {
    if (machine.bmc.port !== 0) {
      machines.push(machine);
      continue;
    }
    while (taken.has(next) || !(await isFree(next))) next++;
    machines.push({ ...machine, bmc: { ...machine.bmc, port: next } });
    next++;
  }
  return { ...spec, machines };
}

interface PlaceParts {
  readonly spec: RackSpec;
  readonly around: RackSurroundings;
  /** Undefined for simulated machines. */
  readonly accelerator: Promise<Accelerator> | undefined;
  readonly enter: readonly string[];
}

function makePlace(machine: MachineSpec, { spec, around, accelerator, enter }: PlaceParts): Place {
  const folder = around.folder.machine(machine.name);
  const report = (error: unknown): void => around.report(machine.name, error);
  const build = (board: Board, faults: Faults): Machine =>
    accelerator === undefined
      ? new SimulatedMachine(
          board,
          { spec: machine, folder, delays: spec.delays, bootUrl: spec.bootUrl },
          machineFaults(faults),
        )
      : new QemuMachine(machine, board, { folder, enter, accelerator, report }, machineFaults(faults));
  const bmc = new Bmc({ spec: machine, folder, now: around.now, report, ipmi: spec.ipmi === true }, build);
  return {
    bmc,
    server: new BmcServer(bmc, machine.bmc.port, report),
    ipmi: spec.ipmi ? new IpmiServer(machine, folder, (keys) => bmc.machine.type(keys), report) : undefined,
  };
}

/** Takes back a guest that runs still, then lets the BMC answer. Throws `bmc-port-taken`. */
async function servePlace(place: Place): Promise<void> {
  const { name, bmc } = place.bmc.spec;
  await place.bmc.start();
  await place.server.open().catch((error: unknown) => {
    throw rackErrors.portTaken(name, bmc.port, error);
  });
  await followFaultsOverIpmi(place);
}

export class Rack {
  readonly spec: RackSpec;
  readonly #folder: RackFolder;
  readonly #network: RackNetwork | undefined;
  /** Undefined without guests, and until the probe of this host has ended. */
  #accelerator: Accelerator | undefined;
  readonly #places: ReadonlyMap<string, Place>;

  private constructor(
    spec: RackSpec,
    folder: RackFolder,
    network: RackNetwork | undefined,
    places: ReadonlyMap<string, Place>,
  ) {
    this.spec = spec;
    this.#folder = folder;
    this.#network = network;
    this.#places = places;
  }

  /**
   * Makes what is missing, takes back what an earlier process left, and serves every BMC. The spec is read from the
   * rack's folder. Throws errors of the catalogue.
   */
  static async open(around: RackSurroundings): Promise<Rack> {
    const { folder } = around;
    const written = readJson(folder.spec, RackSpec);
    if (!written) throw rackErrors.notUp(folder.path);
    mkdirSync(folder.path, { recursive: true });
    const spec = await withPorts(written);
    writeJson(folder.spec, spec);
    const isQemu = spec.kind === 'qemu';
    const accelerator = isQemu ? chooseAccelerator(spec.acceleration, folder.accelerator) : undefined;
    const network = isQemu
      ? await openNetwork({
          name: spec.name,
          subnet: spec.subnet,
          owner: folder.path,
          taps: spec.machines.flatMap((machine) => machine.nics.map((nic) => nic.tap)),
        })
      : undefined;
    const places = new Map<string, Place>();
    for (const machine of spec.machines) {
      const place = makePlace(machine, { spec, around, accelerator, enter: network?.enter ?? [] });
      places.set(machine.name, place);
      await servePlace(place);
    }
    writeJson(folder.nodes, nodesFile(spec, redfishDriver));
    if (spec.ipmi) writeJson(folder.nodesIpmi, nodesFile(spec, ipmiDriver));
    writeJson(folder.instackenv, instackenv(spec));
    const rack = new Rack(spec, folder, network, places);
    accelerator?.then(
      (chosen) => {
        rack.#accelerator = chosen;
      },
      (error: unknown) => around.report(spec.name, error),
    );
    return rack;
  }

  status(): RackStatus {
    const { spec } = this;
    const network = this.#network;
    return {
      name: spec.name,
      kind: spec.kind,
      accelerator: this.#accelerator ?? null,
      pid: process.pid,
      network: network
        ? {
            device: network.device,
            mode: network.mode,
            subnet: network.addresses.subnet,
            address: network.addresses.host,
            addressV6: network.addresses.hostV6,
          }
        : null,
      nodesFile: this.#folder.nodes,
      instackenvFile: this.#folder.instackenv,
      machines: [...this.#places.values()].map((place) => this.#machineStatus(place)),
    };
  }

  /** Sets or lifts a fault of a machine. Throws `unknown-machine`, `unknown-fault`, `bad-fault-value`. */
  async setFault(machine: string, kind: string, value: string | undefined): Promise<MachineStatus> {
    const place = this.#places.get(machine);
    if (!place) throw rackErrors.unknownMachine(machine, [...this.#places.keys()]);
    await place.bmc.setFaults(withFault(place.bmc.state.faults, kind, value));
    await place.server.followFaults();
    await followFaultsOverIpmi(place);
    return this.#machineStatus(place);
  }

  /** Powers every machine off and stops serving. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#places.values()].map(async ({ bmc, server, ipmi }) => {
        await ipmi?.close();
        await server.close();
        await bmc.machine.forceOff();
      }),
    );
  }

  /** Stops serving and lets go of the machines as they are. */
  async abandon(): Promise<void> {
    for (const { bmc, server, ipmi } of this.#places.values()) {
      await ipmi?.close();
      await server.close();
      bmc.machine.detach();
    }
  }

  #machineStatus({ bmc, server }: Place): MachineStatus {
    const { boot, media, faults } = bmc.state;
    return {
      name: bmc.spec.name,
      power: bmc.machine.power(),
      pid: bmc.machine.pid() ?? null,
      boot: { target: boot.target, enabled: boot.enabled, mode: boot.mode, next: [...bmc.plan().order] },
      media: media?.image ?? null,
      bmc: { url: server.url, username: bmc.spec.bmc.username },
      macs: bmc.spec.nics.map((nic) => nic.mac),
      faults,
      console: bmc.folder.consoleLog,
    };
  }
}
