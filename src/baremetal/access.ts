// Applies the policy to what is asked: what a caller may not see does not exist for them.
import { type RawBuilder, sql } from 'kysely';
import { type ApiRequest, commonErrors } from '../openstack/index.ts';
import { errors } from './errors.ts';

/** The part of a request that decides on access. */
export type Asked = Pick<ApiRequest, 'may' | 'enforce' | 'context'>;

interface Owned {
  readonly owner: string | null;
  readonly lessee: string | null;
}

export function nodeTarget(node: Owned): Record<string, unknown> {
  return { 'node.owner': node.owner, 'node.lessee': node.lessee };
}

/** Throws NodeNotFound when the caller may not even see the node, Forbidden when only the rule is denied. */
export function enforceOnNode(asked: Asked, rule: string, node: Owned & { uuid: string }, ident = node.uuid): void {
  const target = nodeTarget(node);
  if (asked.may(rule, target)) return;
  if (!asked.may('baremetal:node:get', target)) throw errors.NodeNotFound(ident);
  throw commonErrors.Forbidden(rule);
}

/** Is something that hangs on this node visible? Throws `notFound` when not, Forbidden when only the rule is denied. */
export function enforceBelowNode(asked: Asked, rule: string, node: Owned, notFound: () => Error): void {
  const target = nodeTarget(node);
  if (!asked.may('baremetal:node:get', target)) throw notFound();
  asked.enforce(rule, target);
}

/**
 * Who adds something to a node hears a plain no, for the node is named by the caller. Of a node that is not there the
 * rule is asked as of one that belongs to nobody, so that a no comes first and tells nothing.
 */
export function enforceAdding(asked: Asked, rule: string, node: Owned | undefined): void {
  asked.enforce(rule, nodeTarget(node ?? { owner: null, lessee: null }));
}

/**
 * The project to which a list is limited; undefined: the caller sees all. `wanted` is the project whose things are asked
 * for. Throws Forbidden where that is not the caller's own.
 */
export function listLimit(asked: Asked, rule: string, wanted: string | null = null): string | undefined {
  if (asked.may(`${rule}_all`)) return wanted ?? undefined;
  const { projectId } = asked.context.caller;
  if (projectId === undefined || (wanted !== null && wanted !== projectId)) throw commonErrors.Forbidden(`${rule}_all`);
  asked.enforce(rule);
  return projectId;
}

/** The condition that limits a list of what hangs on nodes to the nodes of the caller's project. */
export function ofOwnNodes(asked: Asked, rule: string): RawBuilder<boolean>[] {
  const project = listLimit(asked, rule);
  if (project === undefined) return [];
  return [
    sql<boolean>`node_uuid in (select uuid from baremetal_nodes where owner = ${project} or lessee = ${project})`,
  ];
}

/** What stands in the place of a guarded field, to the letter: programs look for it. */
const guardedFields: Readonly<Record<string, (rule: string) => unknown>> = {
  last_error: (rule) => `** Value Redacted - Requires ${rule} permission. **`,
  reservation: (rule) => `** Redacted - requires ${rule} permission. **`,
  driver_internal_info: (rule) => ({ content: `** Redacted - Requires ${rule} permission. **` }),
  driver_info: (rule) => ({ content: `** Redacted - requires ${rule} permission. **` }),
};

/** Hides from a node's document what tells of the infrastructure, where the caller is not of those who run it. */
export function redaction(asked: Asked): ((node: Owned, document: Record<string, unknown>) => void) | undefined {
  if (asked.may('baremetal:node:get:filter_threshold', {})) return undefined;
  return (node, document) => {
    for (const [field, instead] of Object.entries(guardedFields)) {
      const rule = `baremetal:node:get:${field}`;
      if (field in document && !asked.may(rule, nodeTarget(node))) document[field] = instead(rule);
    }
  };
}
