// The log: one JSON line an event, into a file of the data folder and, for warnings, onto standard error.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Logger, multistream, pino } from 'pino';

/** Opens `<folder>/log/undercloud.log`. Lines are written as they come, so that a killed process loses none. */
export function openLog(folder: string, level: string): { log: Logger; file: string } {
  mkdirSync(join(folder, 'log'), { recursive: true });
  const file = join(folder, 'log', 'undercloud.log');
  const streams = multistream([
    { level: 'debug', stream: pino.destination({ dest: file, sync: true, append: true }) },
    { level: 'warn', stream: process.stderr },
  ]);
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: plainError, detail: plainError },
    redact: ['*.password', '*.token', 'headers["x-auth-token"]'],
  };
  return { log: pino(options, streams), file };
}

/** What a person reads of an error; its other members may be whole connections, keys and all. */
function plainError(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return {
    type: name,
    message,
    ...('code' in value ? { code: value.code } : {}),
    stack,
    ...(cause === undefined ? {} : { cause: plainError(cause) }),
  };
}
