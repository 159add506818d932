// Reads a request's JSON body, bounded.
import type { IncomingMessage } from 'node:http';
import { commonErrors } from './errors.ts';

/**
 * The JSON of the body. An empty body is undefined. Throws 413 past `limitBytes`, 415 for another media type, 400 for
 * text that is not JSON.
 */
export async function readJson(message: IncomingMessage, limitBytes: number, lenient = false): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    size += bytes.length;
    if (size > limitBytes) throw commonErrors.PayloadTooLarge(limitBytes);
    chunks.push(bytes);
  }
  if (size === 0) return undefined;
  const type = message.headers['content-type'];
  if (!lenient && type !== undefined && !/^application\/([\w.+-]*\+)?[\w.-]*json/i.test(type)) {
    throw commonErrors.UnsupportedMediaType(`The media type ${type} is not supported, use application/json`);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw commonErrors.BadRequest(
      `Malformed JSON in the request body: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}
