// A BMC over a simulated machine, served on a free port, and a small client for it.
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bmc, BmcServer } from '../bmc/index.ts';
import { machineFaults } from '../faults/index.ts';
import { rackFolder } from '../folder.ts';
import { SimulatedMachine } from '../machine/index.ts';
import { defaultRackOptions, rackSpec } from '../spec.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface TestBmc {
  readonly bmc: Bmc;
  readonly server: BmcServer;
  readonly reported: unknown[];
  /** Moves the BMC's clock. */
  pass(ms: number): void;
  /** Lets the power change that is under way end. */
  settle(): void;
  /** A request with the right credentials unless `headers` say otherwise; an absolute path or one below /redfish/v1. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  close(): Promise<void>;
}

/** Reads a value deep inside an answer; undefined when there is none. */
export function at(body: unknown, ...keys: (string | number)[]): unknown {
  return keys.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    body,
  );
}

/** Sends one request on a connection of its own; a text is sent as it is, anything else as JSON. */
export async function send(
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Reply> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await new Promise<IncomingMessage>((done, failed) => {
    request(
      url,
      {
        method,
        agent: false,
        headers: { ...headers, ...(text === undefined ? {} : { 'content-type': 'application/json' }) },
      },
      done,
    )
      .on('error', failed)
      .end(text);
  });
  const parts: string[] = [];
  for await (const part of answer.setEncoding('utf8')) parts.push(String(part));
  const got = parts.join('');
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: got === '' ? undefined : JSON.parse(got) };
}

/** Opens a BMC. With `held`, power changes last until `settle` is called. */
export async function testBmc(
  options: { held?: boolean; firmware?: 'bios' | 'uefi'; disks?: number; ipmi?: boolean } = {},
): Promise<TestBmc> {
  const data = mkdtempSync(join(tmpdir(), 'rack-test-'));
  const [machine] = rackSpec({
    ...defaultRackOptions,
    machines: 1,
    disks: options.disks ?? 2,
    firmware: options.firmware ?? 'bios',
  }).machines;
  if (!machine) throw new Error('a rack of one machine has none');
  const folder = rackFolder(data).machine(machine.name);
  let now = Date.parse('2026-01-01T00:00:00Z');
  const reported: unknown[] = [];
  const report = (error: unknown): void => void reported.push(error);
  const waiting: (() => void)[] = [];
  const wait = (): Promise<void> => (options.held ? new Promise((done) => waiting.push(done)) : Promise.resolve());
  const bmc = new Bmc(
    { spec: machine, folder, now: () => new Date(now), report, wait, ipmi: options.ipmi === true },
    (board, faults) => {
      const around = { spec: machine, folder, delays: defaultRackOptions.delays, wait };
      return new SimulatedMachine(board, around, machineFaults(faults));
    },
  );
  await bmc.start();
  const server = new BmcServer(bmc, 0, report);
  await server.open();
  const basic = `Basic ${Buffer.from(`${machine.bmc.username}:${machine.bmc.password}`).toString('base64')}`;
  return {
    bmc,
    server,
    reported,
    pass: (ms) => {
      now += ms;
    },
    settle: () => {
      for (const done of waiting.splice(0)) done();
    },
    call: async (method, path, body, headers = { authorization: basic }) => {
      const target = `${server.url}${path.startsWith('/redfish') ? '' : '/redfish/v1'}${path}`;
      return send(method, target, headers, body);
    },
    close: async () => {
      await server.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
