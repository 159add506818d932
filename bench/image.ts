// Measures images: upload and download beside cp of the same file, 1,000 range readers, memory. Run: npx tsx bench/image.ts [MB]
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { migrate, openDatabase, startEmbeddedPostgres } from '../src/database/index.ts';

const megabytes = Number(process.argv[2] ?? 1000);
const readers = 1000;
const rangeBytes = 1_000_000;
const folder = mkdtempSync(join(tmpdir(), 'undercloud-bench-'));
// The server runs as another user when this runs as root.
chmodSync(folder, 0o755);
const server = await startEmbeddedPostgres({ folder });
const database = openDatabase(server.url);
await migrate(database);
await database.destroy();

const source = join(folder, 'source');
await writeSource(source, megabytes);
console.log(`an image of ${megabytes} MB, half of it incompressible`);
report('cp', await timed(() => run('cp', source, join(folder, 'copy'))));
report('cp and sync', await timed(() => run('sh', '-c', `cp ${source} ${folder}/synced && sync ${folder}/synced`)));
// What an upload cannot do without: the copy, and the three hashes that the API and the chunk store want.
const hashes = ['md5sum', 'sha512sum', 'sha256sum'].map((name) => `${name} ${source} >/dev/null &`).join(' ');
report(
  'cp beside md5sum, sha512sum and sha256sum',
  await timed(() => run('sh', '-c', `${hashes} cp ${source} ${folder}/hashed; wait`)),
);
await measure('zstd off', ['plain']);
await measure('zstd on', []);
await server.stop();
rmSync(folder, { recursive: true, force: true });

async function measure(name: string, options: readonly string[]): Promise<void> {
  const script = join(import.meta.dirname, '..', 'src', 'image', 'testing', 'server.ts');
  const store = join(folder, name);
  const child = spawn(process.execPath, ['--import', 'tsx', script, server.url, store, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  const origin = String(line).trim();
  const id = await newImage(origin);
  const before = memoryMb(child);
  const url = `${origin}/v2/images/${id}/file`;
  const idle = cpuSeconds(child);
  report(`${name}: upload`, await timed(() => upload(url)));
  const uploaded = cpuSeconds(child);
  report(`${name}: download`, await timed(() => run('curl', '-sfo', '/dev/null', url)));
  const downloaded = cpuSeconds(child);
  const perGb = (seconds: number) => `${((seconds * 1000) / megabytes).toFixed(1)} s`;
  console.log(
    `${name}: the server's processor time per GB: ${perGb(uploaded - idle)} up, ${perGb(downloaded - uploaded)} down`,
  );
  const seconds = await timed(() => readRanges(url));
  console.log(`${name}: ${readers} readers of 1 MB each: ${Math.round((readers * rangeBytes) / 1e6 / seconds)} MB/s`);
  console.log(`${name}: memory ${before} MB before, ${memoryMb(child)} MB at the most`);
  child.kill();
  await once(child, 'exit');
}

async function newImage(origin: string): Promise<string> {
  const { body } = await request(`${origin}/v2/images`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ disk_format: 'raw', container_format: 'bare' }),
  });
  const made: unknown = await body.json();
  return String(typeof made === 'object' && made !== null && 'id' in made ? made.id : '');
}

async function upload(url: string): Promise<void> {
  const { statusCode, body } = await request(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: createReadStream(source, { highWaterMark: 256 * 1024 }),
    headersTimeout: 0,
  });
  await body.dump();
  if (statusCode !== 204) throw new Error(`the upload was answered with ${statusCode}`);
}

async function readRanges(url: string): Promise<void> {
  const dispatcher = new Agent({ connections: readers });
  const step = Math.floor((megabytes * 1e6 - rangeBytes) / readers);
  await Promise.all(
    Array.from({ length: readers }, async (_, index) => {
      const headers = { range: `bytes=${index * step}-${index * step + rangeBytes - 1}` };
      const { body } = await request(url, { headers, dispatcher, headersTimeout: 0, bodyTimeout: 0 });
      await body.dump({ limit: rangeBytes });
    }),
  );
  await dispatcher.close();
}

/** Random megabytes and repeated ones in turn. */
async function writeSource(path: string, count: number): Promise<void> {
  const file = await open(path, 'w');
  const repeated = Buffer.alloc(1e6, 'the same words again and again. ');
  for (let index = 0; index < count; index++) await file.write(index % 2 === 0 ? randomBytes(1e6) : repeated);
  await file.sync();
  await file.close();
}

async function run(command: string, ...args: string[]): Promise<void> {
  const [code] = await once(spawn(command, args, { stdio: 'inherit' }), 'exit');
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function report(what: string, seconds: number): void {
  console.log(`${what}: ${Math.round(megabytes / seconds)} MB/s`);
}

function cpuSeconds(child: ChildProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticksPerSecond = 100;
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The most memory the process ever held. */
function memoryMb(child: ChildProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}
