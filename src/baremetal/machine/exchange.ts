// One request to the agent in a ramdisk, over a connection of its own.
import { X509Certificate } from 'node:crypto';
import { type IncomingMessage, request as overHttp, type RequestOptions } from 'node:http';
import { Agent, request as overHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import type { PeerCertificate } from 'node:tls';

export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly body?: unknown;
  /** Silence after which the agent counts as gone. */
  readonly timeoutMs: number;
  /** The certificate (PEM) that its first heartbeat named; null: none. */
  readonly certificate: string | null;
}

/** Keeps no connection, for the machine may reboot between two requests, but the TLS sessions that the next one resumes. */
const sessions = new Agent({ keepAlive: false, maxCachedSessions: 1_000 });

/** Rejects with what went wrong when no whole answer comes. */
export async function exchange(url: string, asked: Exchange): Promise<{ status: number; text: string }> {
  const body = asked.body === undefined ? undefined : JSON.stringify(asked.body);
  const options: RequestOptions = {
    method: asked.method,
    timeout: asked.timeoutMs,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }),
  };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = url.startsWith('https:')
      ? overHttps(url, { ...options, agent: sessions, ...pinnedTo(asked.certificate) }, resolve)
      : overHttp(url, { ...options, agent: false }, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`nothing was heard for ${asked.timeoutMs / 1000} s`)));
    sent.on('error', reject);
    sent.end(body);
  });
  return { status: answer.statusCode ?? 0, text: await text(answer) };
}

/** Only the holder of this very certificate is talked to, whatever its address. */
function pinnedTo(certificate: string | null) {
  if (certificate === null) return {};
  // Asked at a full handshake only: who resumes a session has shown the certificate before.
  const checkServerIdentity = (_host: string, shown: PeerCertificate) =>
    shown.raw.equals(new X509Certificate(certificate).raw)
      ? undefined
      : new Error('it shows another certificate than its first heartbeat named');
  return { ca: certificate, checkServerIdentity };
}
