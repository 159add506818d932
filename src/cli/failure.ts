// How a command that failed says so: one clear line and a status; a stack only for what nobody expected.

/** Errors whose message is meant for the user as it stands. */
const expected = new Set([
  'StartError',
  'ApiFailure',
  'RackError',
  'ImageBuildError',
  'TemplateError',
  'UsageError',
  'EmbeddedPostgresError',
]);

export function reportFailure(error: unknown): never {
  if (error instanceof Error && (expected.has(error.name) || 'userMessage' in error))
    process.stderr.write(`undercloud: ${error.message}${'hint' in error ? `\n  ${String(error.hint)}` : ''}\n`);
  else
    process.stderr.write(
      `undercloud: unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  process.exit(1);
}
