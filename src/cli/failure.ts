// How a command that failed says so: one clear line and a status; a stack only for what nobody expected.

/** Errors whose message is meant for the user as it stands. */
const expected = new Set([
  'StartError',
  'ApiFailure',
  'RackError',
  'ImageBuildError',
  'UsageError',
  'EmbeddedPostgresError',
  'DatabaseVersionError',
  'DnsmasqError',
]);

/** The text for standard error: what failed, then, indented, what to do about it. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return `undercloud: unexpected: ${String(error)}\n`;
  // The system's own words name the file or address and what is wrong with it; where in the program is no help.
  if ('syscall' in error) return `undercloud: ${error.message}\n`;
  if (!expected.has(error.name)) return `undercloud: unexpected: ${error.stack ?? error.message}\n`;
  const hint = 'hint' in error && typeof error.hint === 'string' && error.hint !== '' ? `\n  ${error.hint}` : '';
  return `undercloud: ${error.message}${hint}\n`;
}

export function reportFailure(error: unknown): never {
  process.stderr.write(describeFailure(error));
  process.exit(1);
}
