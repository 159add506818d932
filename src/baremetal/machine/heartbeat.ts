// The call by which a ramdisk's agent says that it lives and where it listens.
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { heartbeatRequest } from '../../agent/index.ts';
import { appending } from '../../events/index.ts';
import { type Answer, type ApiRequest, atLeast, empty, type Microversion } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { findNode } from '../node/find.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';
import { heartbeats } from './agent-client.ts';

export const heartbeatSchema = Type.Composite([heartbeatRequest], { additionalProperties: true });
type Heartbeat = Static<typeof heartbeatRequest>;

/** What anaconda and agents after it say of themselves. */
const statuses = ['start', 'end', 'error'];

export function heartbeatHandler(parts: Parts) {
  const { database } = parts;

  async function heartbeat({ params, body, context }: ApiRequest<unknown, Heartbeat>): Promise<Answer> {
    checkMembers(body, context.microversion);
    const node = await findNode(database, params.node ?? '');
    const agent = await tables(database)
      .selectFrom('baremetal_agents')
      .selectAll()
      .where('node_uuid', '=', node.uuid)
      .executeTakeFirst();
    checkSelf(body);
    const token = agent?.token ?? null;
    if (!agent || token === null || !matches(parts, node.uuid, token, body.agent_token))
      throw errors.AgentTokenInvalid();
    // Who answers commands is settled by the first heartbeat: a later one could be somebody's who has seen the token.
    if (agent.callback_url !== null && agent.callback_url !== body.callback_url) {
      throw errors.Invalid('Detected change in ramdisk provided "callback_url"');
    }
    if (agent.heartbeat_at !== null && agent.verify_ca !== (body.agent_verify_ca ?? null)) {
      throw errors.Invalid(`The agent of node ${node.uuid} has another certificate than at its first heartbeat.`);
    }
    const { numUpdatedRows } = await tables(database)
      .updateTable('baremetal_agents')
      .set({
        callback_url: body.callback_url,
        agent_version: body.agent_version ?? null,
        status: body.agent_status ?? null,
        status_message: body.agent_status_message ?? null,
        verify_ca: body.agent_verify_ca ?? null,
        heartbeat_at: new Date(),
      })
      .where('node_uuid', '=', node.uuid)
      // A late call of the ramdisk before must not count as the first of the one that has taken its place.
      .where('token', '=', token)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) throw errors.AgentTokenInvalid();
    heartbeats.emit(node.uuid);
    await wake(node, body.callback_url);
    return empty(202);
  }

  /** Tells the operation that waits for this ramdisk; sent before the note of it goes, so that a crash between sends it again. */
  async function wake(node: NodeRow, callbackUrl: string): Promise<void> {
    const topic = node.awaiting?.topic;
    if (node.operation_id === null || typeof topic !== 'string' || !topic.startsWith('heartbeat:')) return;
    await parts.operations.send(node.operation_id, topic, { callback_url: callbackUrl });
    const called = {
      kind: 'baremetal.node.ramdisk_called',
      subject: `node:${node.uuid}`,
      operationId: node.operation_id,
      payload: { name: node.name },
    };
    await sql`
      with cleared as (
        update baremetal_nodes set awaiting = null
        where uuid = ${node.uuid} and awaiting->>'topic' = ${topic} returning uuid)
      ${appending([called], sql`exists (select from cleared)`)}`.execute(database);
  }
  return heartbeat;
}

/** Members that the request's microversion does not have are refused; the machines' listener has no microversions. */
function checkMembers(body: Heartbeat, microversion: Microversion): void {
  const has = (since: string) => microversion.major === 0 || atLeast(microversion, since);
  if (body.agent_version && !has('1.36')) throw errors.Invalid('Field "agent_version" not recognised');
  if ((body.agent_status || body.agent_status_message) && !has('1.72'))
    throw errors.Invalid('Fields "agent_status" and "agent_status_message" not recognised.');
  if (typeof body.agent_verify_ca === 'string' && !has('1.68'))
    throw errors.Invalid('Field "agent_verify_ca" not recognised in this version');
}

/** What is wrong whoever calls. */
function checkSelf(body: Heartbeat): void {
  if (typeof body.agent_token !== 'string') {
    throw errors.Invalid('Agent token is required for heartbeat processing.');
  }
  if (typeof body.agent_status === 'string' && !statuses.includes(body.agent_status)) {
    throw errors.Invalid(`Agent status is invalid. Valid states are ${statuses.join(',')}.`);
  }
  if (!body.agent_version && !body.agent_status) {
    throw errors.Invalid(
      'Agent did not transmit a version, and a version is required. Please update the agent being used.',
    );
  }
  if (!URL.canParse(body.callback_url) || !/^https?:$/.test(new URL(body.callback_url).protocol)) {
    throw errors.Invalid(`callback_url "${body.callback_url}" is no HTTP URL.`);
  }
}

function matches(parts: Parts, uuid: string, sealed: Buffer, given: string | null | undefined): boolean {
  if (typeof given !== 'string') return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(String(parts.sealer.open(sealed, uuid))), digest(given));
}
