// Applies the policy to one node: what a caller may not see does not exist for them.
import { type RawBuilder, sql } from 'kysely';
import type { ApiRequest } from '../openstack/index.ts';
import { errors } from './errors.ts';

/** The part of a request that decides on access. */
export type Asked = Pick<ApiRequest, 'may' | 'enforce' | 'context'>;

interface Owned {
  readonly uuid: string;
  readonly owner: string | null;
  readonly lessee: string | null;
}

export function nodeTarget(node: { owner: string | null; lessee: string | null }): Record<string, unknown> {
  return { 'node.owner': node.owner, 'node.lessee': node.lessee };
}

/** Throws NodeNotFound when the caller may not even see the node, Forbidden when only the rule is denied. */
export function enforceOnNode(asked: Asked, rule: string, node: Owned, ident: string = node.uuid): void {
  const target = nodeTarget(node);
  if (!asked.may('baremetal:node:get', target)) throw errors.NodeNotFound(ident);
  asked.enforce(rule, target);
}

/** The project to which a list is limited; undefined: the caller sees all. */
export function listLimit(asked: Asked, rule: string): string | undefined {
  if (asked.may(`${rule}_all`)) return undefined;
  asked.enforce(rule);
  return asked.context.caller.projectId ?? '';
}

/** The condition that limits a list of what hangs on nodes to the nodes of the caller's project. */
export function ofOwnNodes(asked: Asked, rule: string): RawBuilder<boolean>[] {
  const project = listLimit(asked, rule);
  if (project === undefined) return [];
  return [
    sql<boolean>`node_uuid in (select uuid from baremetal_nodes where owner = ${project} or lessee = ${project})`,
  ];
}
