// One request to the agent in a ramdisk, over a connection of its own.
import { X509Certificate } from 'node:crypto';
import { type IncomingMessage, request as overHttp, type RequestOptions } from 'node:http';
import { Agent, request as overHttps } from 'node:https';
import { createSecureContext, type PeerCertificate, type SecureContext } from 'node:tls';

export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly body?: unknown;
  /** Silence after which the agent counts as gone. */
  readonly timeoutMs: number;
  /** The certificate (PEM) that its first heartbeat named; null: none. */
  readonly certificate: string | null;
}

/** An answer that trickles in may take so many times the silence that is allowed; whatever sends more than this is no agent. */
const longestTimes = 3;
const mostBytes = 64 << 20;

/** Keeps no connection, for the machine may reboot between two requests, but the TLS sessions that the next one resumes. */
const sessions = new Agent({ keepAlive: false, maxCachedSessions: 1_000 });

/** Rejects with what went wrong when no whole answer comes. */
export async function exchange(url: string, asked: Exchange): Promise<{ status: number; text: string }> {
  const body = asked.body === undefined ? undefined : JSON.stringify(asked.body);
  const longestMs = asked.timeoutMs * longestTimes;
  const signal = AbortSignal.timeout(longestMs);
  const options: RequestOptions = {
    method: asked.method,
    timeout: asked.timeoutMs,
    signal,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }),
  };
  try {
    const answer = await answerTo(url, body, options, asked);
    return { status: answer.statusCode ?? 0, text: await textOf(answer) };
  } catch (cause) {
    throw signal.aborted ? new Error(`its answer did not end within ${longestMs / 1000} s`, { cause }) : cause;
  }
}

function answerTo(
  url: string,
  body: string | undefined,
  options: RequestOptions,
  { timeoutMs, certificate }: Exchange,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = url.startsWith('https:')
      ? overHttps(url, { ...options, agent: sessions, ...pinnedTo(certificate) }, resolve)
      : overHttp(url, { ...options, agent: false }, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`nothing was heard for ${timeoutMs / 1000} s`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`its answer is longer than ${mostBytes >> 20} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

interface Pinned {
  readonly ca: string;
  readonly secureContext: SecureContext;
  checkServerIdentity(host: string, shown: PeerCertificate): Error | undefined;
}

/** By certificate: reading one takes longer than an exchange that resumes a session. */
const pinned = new Map<string, Pinned>();
const mostPinned = 1_000;

/** Only the holder of this very certificate is talked to, whatever its address. */
function pinnedTo(certificate: string | null): Pinned | undefined {
  if (certificate === null) return undefined;
  const known = pinned.get(certificate);
  if (known) return known;
  const made: Pinned = {
    // Names the session that is resumed; the context is what is trusted.
    ca: certificate,
    secureContext: createSecureContext({ ca: certificate }),
    // Asked at a full handshake only: who resumes a session has shown the certificate before.
    checkServerIdentity: (_host, shown) =>
      shown.raw.equals(new X509Certificate(certificate).raw)
        ? undefined
        : new Error('it shows another certificate than its first heartbeat named'),
  };
  const [oldest] = pinned.keys();
  if (oldest !== undefined && pinned.size >= mostPinned) pinned.delete(oldest);
  pinned.set(certificate, made);
  return made;
}
