// Turns image bytes as they travel into bytes on a disk, through the ramdisk's own decompressors.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { AgentError } from '../../errors.ts';

type Compression = 'zstd' | 'gzip' | 'xz' | 'none';

/** What the first bytes say; the names of formats in image properties are not to be trusted. */
export function compressionOf(head: Buffer): Compression {
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return 'zstd';
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head.subarray(0, 6).equals(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]))) return 'xz';
  return 'none';
}

/** The first `count` decoded bytes (fewer if the image is shorter), from a head that may break off anywhere. */
export async function decodeHead(head: Buffer, count: number): Promise<Buffer> {
  const command = decodeCommand(compressionOf(head), false);
  const child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'ignore'] });
  const failed = new Promise<never>((_, reject) => child.on('error', (cause) => reject(missing(command[0], cause))));
  // The program may stop reading as soon as it has seen that the input breaks off.
  child.stdin.on('error', () => child.stdin.destroy());
  child.stdin.end(head);
  const read = async () => {
    const parts: Buffer[] = [];
    let size = 0;
    for await (const data of child.stdout) {
      const part: Buffer = data;
      parts.push(part);
      size += part.length;
      if (size >= count) break;
    }
    child.kill('SIGKILL');
    return Buffer.concat(parts).subarray(0, count);
  };
  return Promise.race([read(), failed]);
}

export interface DecoderOptions {
  readonly compression: Compression;
  /** The open disk, written from its current position. */
  readonly file: number;
  /** Skip over zeros: only for a range that is known to read as zeros. */
  readonly sparse: boolean;
  /** Never write past this many bytes, whatever the image holds. */
  readonly limitBytes?: number | undefined;
  /** Write here instead of the start, and fail with `diskTooSmall` when the image holds more. */
  readonly within?: { readonly offsetBytes: number; readonly sizeBytes: number };
}

export interface Decoder {
  /** Takes bytes in; waits while the disk is slower than the network. Throws AgentError `write`. */
  write(chunk: Buffer): Promise<void>;
  /** Ends when every byte was handed to the disk. Throws AgentError `write`, with what the decompressor said. */
  finish(): Promise<void>;
  /** Ends the decompressor; resolves when nothing writes to the disk any more. */
  abort(): Promise<void>;
}

/** Starts the decompressor with the disk as its output, so that decoded bytes never pass through this process. */
export function startDecoder(options: DecoderOptions): Decoder {
  const { within } = options;
  const limitBytes = within?.sizeBytes ?? options.limitBytes;
  const limited = limitBytes !== undefined;
  const plain = decodeCommand(options.compression, options.sparse && !limited);
  const command: readonly [string, ...string[]] = limited
    ? ['sh', '-c', limitedCommand(plain, limitBytes, within?.offsetBytes)]
    : plain;
  const child = spawn(command[0], command.slice(1), { stdio: ['pipe', options.file, 'pipe'], detached: true });
  const { stdin, stderr } = child;
  if (!stdin || !stderr) throw new AgentError('internal', `${plain[0]} was started without pipes`);
  let said = '';
  let ended = false;
  let over = false;
  let failure: Error | undefined;
  stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-2_000);
  });
  const closed = new Promise<number | null>((resolve) => {
    child.on('error', (cause) => {
      failure = missing(command[0], cause);
      resolve(null);
    });
    child.on('close', (status) => resolve(status));
  }).then((status) => {
    ended = true;
    over = true;
    return status;
  });
  stdin.on('error', () => {
    ended = true;
  });
  const check = async (): Promise<void> => {
    const status = await closed;
    if (failure) throw failure;
    if (status === overflow && within)
      throw new AgentError('diskTooSmall', `the image holds more than the ${within.sizeBytes} bytes of its partition`);
    if (status !== 0) throw new AgentError('write', `${plain[0]} ended with status ${status}`, { details: said });
  };
  return {
    async write(chunk) {
      if (ended) return limited ? undefined : check();
      if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain').catch(() => undefined), closed]);
    },
    async finish() {
      stdin.end();
      await check();
    },
    async abort() {
      // Its whole group: a shell that is killed alone leaves its pipeline behind, which would write after the wipe.
      if (child.pid !== undefined && !over) killGroup(child.pid);
      await closed;
    },
  };
}

/** What the command ends with when the image holds more than fits. */
const overflow = 77;

/** dd ends at the limit and the decompressor with it; the digest still covers every byte that travelled. */
function limitedCommand(plain: readonly string[], limitBytes: number, offsetBytes: number | undefined): string {
  const seek = offsetBytes === undefined ? '' : `oflag=seek_bytes seek=${offsetBytes}`;
  // Descriptor 9 keeps our pipe open until dd has ended: only then has the last byte been written.
  const dd = `dd bs=1048576 iflag=fullblock,count_bytes count=${limitBytes} ${seek} 9>&2 2>/dev/null`;
  const end =
    offsetBytes === undefined ? dd : `{ ${dd} && { [ "$(head -c 1 | wc -c)" -eq 0 ] || exit ${overflow}; }; }`;
  return `${plain.join(' ')} 2>/dev/null | ${end}`;
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!gone) throw error;
  }
}

function decodeCommand(compression: Compression, sparse: boolean): readonly [string, ...string[]] {
  if (compression === 'zstd') return ['zstd', '-d', '-c', '-q', sparse ? '--sparse' : '--no-sparse'];
  if (compression === 'gzip') return ['gzip', '-d', '-c'];
  if (compression === 'xz') return ['xz', '-d', '-c'];
  return ['cat'];
}

function missing(program: string, cause: Error): AgentError {
  return new AgentError('missingProgram', `${program}: ${cause.message}`, { cause });
}
