// Renders one template: mustache, or a program whose output is the file.
import { access, constants, readFile } from 'node:fs/promises';
import mustache from 'mustache';
import { AgentError } from '../../errors.ts';
import type { Json } from '../../parse.ts';
import { runProgram } from '../program.ts';

const executableTimeoutMs = 300_000;

/** Values that are not text appear as JSON, and nothing is escaped: the results are configuration files, not HTML. */
const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

class PlainWriter extends mustache.Writer {
  override escapedValue(token: string[], context: mustache.Context): string {
    return this.unescapedValue(token, context);
  }

  override unescapedValue(token: string[], context: mustache.Context): string {
    const value: unknown = context.lookup(token[1] ?? '');
    return value === undefined || value === null ? '' : asText(value);
  }
}

/** The text of a mustache template; keys that are not there are empty. Throws AgentError `template`. */
export function renderMustache(template: string, metadata: Json, path: string): string {
  try {
    return new PlainWriter().render(template, metadata);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError('template', `could not render mustache template ${path}: ${reason}`, { cause });
  }
}

/** The content for a template file. An executable one gets the metadata as JSON. Throws AgentError `template`. */
export async function renderFile(path: string, metadata: Json): Promise<string> {
  const executable = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!executable) return renderMustache(await readFile(path, 'utf8'), metadata, path);
  const result = await runProgram(path, [], { stdin: JSON.stringify(metadata), timeoutMs: executableTimeoutMs });
  if (result.status !== 0) {
    const details = `${result.stdout}${result.stderr}`;
    throw new AgentError('template', `config script failed: ${path} ended with status ${result.status}`, { details });
  }
  return result.stdout;
}
