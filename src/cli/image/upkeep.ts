// `undercloud image verify` and `gc`: start the operation on the server and follow it.
import type { Command } from 'commander';
import { waitForOperation } from '../operation/command.ts';
import { size } from '../print/index.ts';
import { openSession, type SessionFlags, withSession } from '../session.ts';

interface Damage {
  readonly sha256: string;
  readonly problem: string;
  readonly imageIds: readonly string[];
}

export function registerUpkeepCommands(image: Command): void {
  withSession(image.command('verify [image-id]'))
    .description('Re-read the bytes of an image, or of all, and compare them with what was uploaded')
    .action(async (imageId: string | undefined, flags: SessionFlags) => {
      const operation = await follow(
        flags,
        'verify',
        imageId === undefined ? {} : { image: imageId },
        (result, say) => {
          const damaged: readonly Damage[] = result.damaged;
          say(
            `${result.chunks} chunks, ${size(result.bytes)}: ${damaged.length === 0 ? 'all as written' : `${damaged.length} damaged`}`,
          );
          for (const { sha256, problem, imageIds } of damaged)
            say(`  ${sha256}: ${problem}; needed by ${imageIds.join(', ') || 'no image'}`);
        },
      );
      if (operation.state !== 'done' || operation.result.damaged.length > 0) process.exitCode = 1;
    });
  withSession(image.command('gc'))
    .description('Free what no image refers to; the server does it by itself every few minutes')
    .action(async (flags: SessionFlags) => {
      const operation = await follow(flags, 'gc', {}, (result, say) =>
        say(`freed ${result.chunks} chunks, ${size(result.bytes)}; ended ${result.uploads} uploads that had died`),
      );
      if (operation.state !== 'done') process.exitCode = 1;
    });
}

type Operation = Awaited<ReturnType<typeof waitForOperation>>;

/** Starts the work on the chunk store and prints its result when it is done; the answer is the operation. */
async function follow(
  flags: SessionFlags,
  work: 'verify' | 'gc',
  body: unknown,
  show: (result: Operation, say: (line: string) => void) => void,
): Promise<Operation> {
  const { client, printer } = openSession(flags);
  const { operation_id } = await client.post('image', `/store/${work}`, body);
  const operation = await waitForOperation(client, printer, operation_id);
  printer.data(operation);
  if (operation.state === 'done') show(operation.result, (line) => printer.line(line));
  return operation;
}
