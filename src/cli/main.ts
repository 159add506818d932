// The `undercloud` command: reads the arguments and runs the command that they name.
import { reportFailure } from './failure.ts';
import { createProgram } from './program.ts';

// Node's own advice for library authors is not for those who run the program.
process.noDeprecation = true;

// Whoever reads our output may stop early (`undercloud … | head`): that is an end, not a failure.
for (const out of [process.stdout, process.stderr])
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });

try {
  const program = await createProgram(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  reportFailure(error);
}
