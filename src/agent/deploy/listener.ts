// The HTTP face of the deploy agent: status and commands, as ironic-python-agent serves them.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Certified } from '../certificate/index.ts';
import { AgentError, asAgentError } from '../errors.ts';
import { objectOf, parseObject, requiredText } from '../parse.ts';
import { agentVersion } from '../version.ts';
import type { Executor } from './executor.ts';

export interface ListenerOptions {
  readonly executor: Executor;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** The token that commands must carry, once the server has given one. */
  readonly token: () => string | undefined;
  /** Serve over TLS with this certificate; plain HTTP without one. */
  readonly certified?: Certified | undefined;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Id of the finished command that this answer hands out. */
  readonly delivers?: string;
}

/** An HTTP or HTTPS server, not listening yet. Every failure is answered as {type, code, message, details, faultcode, faultstring}. */
export async function createListener(options: ListenerOptions): Promise<Server> {
  const { certified } = options;
  const listener: RequestListener = (request, response) => {
    answer(options, request).then(
      (reply) => send(response, reply, options.executor),
      (thrown: unknown) => {
        const error = asAgentError(thrown);
        send(response, { status: error.code, body: refusal(error) }, options.executor);
      },
    );
  };
  if (!certified) return createServer(listener);
  // Loaded only where it is needed: TLS makes the agent's start longer under emulation.
  const https = await import('node:https');
  return https.createServer({ key: certified.key, cert: certified.certificate }, listener);
}

async function answer(options: ListenerOptions, request: IncomingMessage): Promise<Answer> {
  const { executor } = options;
  const url = new URL(request.url ?? '/', 'http://agent');
  const path = url.pathname.replace(/\/+$/, '');
  const wait = url.searchParams.get('wait') === 'true';
  const outcome = async (id: string): Promise<Answer> => {
    if (wait || executor.isAnsweredAtOnce(id)) await executor.finished(id);
    const command = executor.get(id);
    if (!command) throw new AgentError('notFound', `no command ${id}`);
    return { status: 200, body: command, ...(command.command_status === 'RUNNING' ? {} : { delivers: id }) };
  };
  if (request.method === 'POST' && path === '/v1/commands') {
    const token = options.token();
    const given = url.searchParams.get('agent_token');
    if (token !== undefined && given !== token)
      throw new AgentError('unauthorized', 'the agent token is missing or wrong');
    const message = parseObject(await read(request), 'the command');
    return outcome(executor.start(requiredText(message, 'name', 'the command'), objectOf(message, 'params') ?? {}));
  }
  if (request.method !== 'GET') throw new AgentError('notFound', `no ${request.method} ${path}`);
  if (path === '' || path === '/v1')
    return { status: 200, body: { name: 'undercloud deploy agent', version: agentVersion() } };
  if (path === '/v1/status') {
    return { status: 200, body: { started_at: options.startedAt / 1000, version: agentVersion() } };
  }
  if (path === '/v1/commands') return { status: 200, body: { commands: executor.list() } };
  const id = /^\/v1\/commands\/([^/]+)$/.exec(path)?.[1];
  if (id === undefined) throw new AgentError('notFound', `no ${path}`);
  return outcome(id);
}

/** An error in our words, with the members by which a conductor knows a refusal. */
function refusal({ type, code, message, hint }: AgentError) {
  const faultcode = code >= 500 ? 'Server' : 'Client';
  return { type, code, message, details: hint, faultcode, faultstring: `${message}. ${hint}` };
}

/** Command bodies are small but for a config drive, whose limit Ironic puts at 64 MiB. */
const bodyLimit = 96 << 20;

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > bodyLimit) throw new AgentError('malformed', `the command is larger than ${bodyLimit} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, reply: Answer, executor: Executor): void {
  const { delivers } = reply;
  if (delivers !== undefined) response.on('close', () => executor.delivered(delivers));
  response.writeHead(reply.status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(reply.body));
}
