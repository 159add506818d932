// Handlers for server groups.
import { randomUUID } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import type { Database } from '../../database/index.ts';
import { type ApiRequest, atLeast, empty, json, type RequestContext } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { limitOf } from '../paging.ts';
import { claimQuota } from '../quota/quotas.ts';
import { inTables, type ServerGroupRow, tables } from '../tables.ts';

type Request<Body = unknown> = ApiRequest<unknown, Body>;

const policies = ['anti-affinity', 'affinity', 'soft-anti-affinity', 'soft-affinity'] as const;
const policy = Type.Union(policies.map((one) => Type.Literal(one)));

export const newGroup = Type.Object(
  {
    server_group: Type.Object(
      {
        name: Type.String({ minLength: 1, maxLength: 255, pattern: '^[^\\u0000]*$' }),
        policies: Type.Optional(Type.Array(policy, { minItems: 1, maxItems: 1 })),
        policy: Type.Optional(policy),
        rules: Type.Optional(Type.Object({ max_server_per_host: Type.Optional(Type.Integer({ minimum: 1 })) })),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

export function groupHandlers(database: Database) {
  const db = tables(database);
  async function find({ params, context, enforce }: Request, rule: string): Promise<ServerGroupRow> {
    const id = params.group ?? '';
    const row = /^[0-9a-f-]{36}$/i.test(id)
      ? await db
          .selectFrom('compute_server_groups')
          .selectAll()
          .where((w) => w.eb('id', '=', id))
          .executeTakeFirst()
      : undefined;
    const { caller } = context;
    if (!row || (row.project_id !== caller.projectId && !caller.roles.includes('admin')))
      throw errors.GroupNotFound(id);
    enforce(`os_compute_api:os-server-groups:${rule}`, { project_id: row.project_id });
    return row;
  }
  const membersOf = async (id: string) => {
    const rows = await db
      .selectFrom('compute_servers')
      .select('id')
      .where('group_id', '=', id)
      .orderBy('sequence')
      .execute();
    return rows.map((row) => row.id);
  };

  return {
    async list({ context, search }: Request) {
      const all = search.has('all_projects') && context.caller.roles.includes('admin');
      const offset = search.get('offset') ?? '0';
      if (!/^\d{1,9}$/.test(offset)) throw errors.Invalid(`offset param must be a whole number, not ${offset}`);
      const rows = await db
        .selectFrom('compute_server_groups')
        .selectAll()
        .$if(!all, (query) => query.where('project_id', '=', context.caller.projectId ?? ''))
        .orderBy('created_at')
        .orderBy('id')
        .limit(limitOf(search))
        .offset(Number(offset))
        .execute();
      const views = await Promise.all(rows.map(async (row) => view(row, await membersOf(row.id), context)));
      return json({ server_groups: views });
    },

    async create({ body, context }: Request<Static<typeof newGroup>>) {
      const given = body.server_group;
      const single = atLeast(context.microversion, '2.64');
      const chosen = single ? given.policy : given.policies?.[0];
      if (chosen === undefined)
        throw errors.Invalid(
          `Invalid input for field/attribute server_group. '${single ? 'policy' : 'policies'}' is a required property`,
        );
      if (chosen.startsWith('soft-') && !atLeast(context.microversion, '2.15'))
        throw errors.Invalid(`Invalid input for field/attribute policies. ${chosen} is known since 2.15`);
      const projectId = context.caller.projectId ?? '';
      const row = await database.transaction().execute(async (tx) => {
        await claimQuota(tx, projectId, { server_groups: 1 });
        return inTables(tx)
          .insertInto('compute_server_groups')
          .values({
            id: randomUUID(),
            name: given.name,
            policy: chosen,
            rules: JSON.stringify(given.rules ?? {}),
            project_id: projectId,
            user_id: context.caller.userId,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
      });
      return json({ server_group: view(row, [], context) });
    },

    async show(request: Request) {
      const row = await find(request, 'show');
      return json({ server_group: view(row, await membersOf(row.id), request.context) });
    },

    async remove(request: Request) {
      const row = await find(request, 'delete');
      await db.deleteFrom('compute_server_groups').where('id', '=', row.id).execute();
      return empty(204);
    },
  };
}

function view(row: ServerGroupRow, members: readonly string[], { microversion }: RequestContext) {
  const single = atLeast(microversion, '2.64');
  return {
    id: row.id,
    name: row.name,
    members,
    ...(single ? { policy: row.policy, rules: row.rules } : { policies: [row.policy], metadata: {} }),
    ...(atLeast(microversion, '2.13') ? { project_id: row.project_id, user_id: row.user_id } : {}),
  };
}
