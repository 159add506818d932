// The step deploy.inject_files: writes files into the file systems that an image brought, and takes files away.
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AgentError, asAgentError } from '../../errors.ts';
import { open } from '../../http.ts';
import { type Json, listOf, objectOf } from '../../parse.ts';
import type { Disk } from '../../protocol.ts';
import type { MachineStep } from '../machine.ts';
import { rootDeviceHints } from '../prepare-image.ts';
import { fill } from './fill-in.ts';
import { type InjectedFile, parseInjectedFiles } from './injected-file.ts';
import { typeOf, whileMounted } from './mounted.ts';
import { names, readNumber } from './sysfs.ts';
import { within } from './within.ts';

export interface NumberedPartition {
  readonly number: number;
  /** Its device node. */
  readonly node: string;
}

export interface InjectOptions {
  readonly rootDisk: (hints: Json | undefined) => Promise<Disk>;
  /** Of a disk, in their order. */
  readonly partitions?: (disk: Disk) => Promise<readonly NumberedPartition[]>;
  /** Among deploy steps; 0 runs it only where it is asked for (`ipa-inject-files-priority`). */
  readonly priority: number;
  readonly log: (line: string) => void;
}

/** What a file's content is made from: the server's node and its ports. */
type Facts = { readonly node: Json; readonly ports: readonly Json[] };

const point = '/run/undercloud-inject';

export function injectFilesStep(options: InjectOptions): MachineStep {
  return {
    step: 'inject_files',
    interface: 'deploy',
    priority: { deploy: options.priority },
    abortable: false,
    async run(args, node, _report, ports) {
      const own = listOf(objectOf(node, 'properties') ?? {}, 'inject_files');
      const files = parseInjectedFiles([...own, ...listOf(args, 'files')]);
      const verify = await verification(args.verify_ca);
      for (const file of files) {
        await inject(options, file, { node, ports }, verify).catch((cause: unknown) => {
          if (cause instanceof AgentError) throw cause;
          throw new AgentError('write', `${file.path}: ${asAgentError(cause).message}`, { cause });
        });
      }
      return null;
    },
  };
}

async function inject(options: InjectOptions, file: InjectedFile, facts: Facts, peer: Verification): Promise<void> {
  const content = file.deleted ? undefined : await contentOf(file, facts, peer);
  const node = await partitionFor(options, file, facts.node);
  await mounted(node, async () => {
    if (file.deleted) {
      await rm(await within(point, file.path), { force: true });
      options.log(`${file.path} was removed from ${node}`);
      return;
    }
    await makeFolder(dirname(file.path), file.dirmode);
    const path = await within(point, file.path, 'follow');
    if (content !== undefined) await writeFile(path, content);
    if (file.mode !== undefined) await chmod(path, file.mode);
    // -1 leaves what is there.
    if (file.owner !== undefined || file.group !== undefined) await chown(path, file.owner ?? -1, file.group ?? -1);
    options.log(`${file.path} was written to ${node}`);
  });
}

/** `mode` is that of the last folder, if it has to be made. */
async function makeFolder(path: string, mode: number | undefined): Promise<void> {
  const folder = await within(point, path, 'follow');
  const made = await mkdir(folder, { recursive: true });
  if (made !== undefined && mode !== undefined) await chmod(folder, mode);
}

/** The node of the partition that the file names, or of the first that has the beginning of its path. */
async function partitionFor(options: InjectOptions, file: InjectedFile, server: Json): Promise<string> {
  const { partition, path } = file;
  if (typeof partition === 'string') return partition;
  const disk = await options.rootDisk(rootDeviceHints(server));
  const all = await (options.partitions ?? partitionsOf)(disk);
  if (partition !== undefined) {
    const found = all.find(({ number }) => number === partition);
    if (found) return found.node;
    throw new AgentError('invalidParams', `${disk.name} has no partition ${partition} for ${path}`);
  }
  const beginning = path.split('/').find((part) => part !== '') ?? '';
  for (const { node } of all) if (await holds(node, beginning, options.log)) return node;
  throw new AgentError(
    'invalidParams',
    `no partition of ${disk.name} has /${beginning}: name the partition of ${path}`,
  );
}

/** False also where there is swap space, boot code, or a file system that this ramdisk does not know. */
async function holds(node: string, name: string, log: (line: string) => void): Promise<boolean> {
  if ((await typeOf(node)) === undefined) return false;
  try {
    return await mounted(node, async () => (await names(point)).includes(name));
  } catch (thrown) {
    if (!(thrown instanceof AgentError) || thrown.kind !== 'programFailed') throw thrown;
    log(`${node} was not looked into: ${thrown.message}`);
    return false;
  }
}

async function mounted<Result>(node: string, work: () => Promise<Result>): Promise<Result> {
  const type = await typeOf(node);
  if (type === undefined) throw new AgentError('invalidParams', `${node} holds no file system`);
  return whileMounted([['-t', type, node, point]], work);
}

/** A URL, with what it says of the node filled in, or base64. */
async function contentOf(
  { path, content }: InjectedFile,
  facts: Facts,
  peer: Verification,
): Promise<Buffer | undefined> {
  if (content === undefined) return undefined;
  if (content.includes('://')) return download(fill(content, facts, path), peer);
  const bytes = Buffer.from(content, 'base64');
  // Node.js skips what is no base64.
  if (bytes.toString('base64').replace(/=+$/, '') !== content.replace(/\s/g, '').replace(/=+$/, ''))
    throw new AgentError('invalidParams', `the content of ${path} is neither a URL nor base64`);
  return bytes;
}

async function download(url: string, peer: Verification): Promise<Buffer> {
  const response = await open(url, { peer });
  if (response.statusCode !== 200) throw new AgentError('download', `${url}: HTTP ${response.statusCode}`);
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return Buffer.concat(parts);
}

type Verification = { readonly insecure: boolean; readonly authority?: string };

/** True, false, or the path of the authority's certificate in the ramdisk. */
async function verification(given: unknown): Promise<Verification> {
  if (typeof given === 'string' && given.startsWith('/'))
    return { insecure: false, authority: await readFile(given, 'utf8') };
  return { insecure: given === false || (typeof given === 'string' && /^(false|no|off|0)$/i.test(given)) };
}

async function partitionsOf(disk: Disk): Promise<readonly NumberedPartition[]> {
  const folder = join('/sys/block', basename(disk.name));
  const found: NumberedPartition[] = [];
  for (const name of await names(folder)) {
    const number = await readNumber(join(folder, name, 'partition'));
    if (number !== undefined) found.push({ number, node: `/dev/${name}` });
  }
  return found.sort((a, b) => a.number - b.number);
}
