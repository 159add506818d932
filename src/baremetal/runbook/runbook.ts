// Runbooks: steps under a name, which people who may not choose steps themselves may run on nodes with the trait of that name.
import { randomUUID } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import type { ApiRequest } from '../../openstack/index.ts';
import { type Asked, listLimit } from '../access.ts';
import type { CollectionSpec } from '../document/collection.ts';
import { links, time } from '../document/fields.ts';
import { isTrait, Nullable, uuidOrNull } from '../document/names.ts';
import { type PatchOperation, touched } from '../document/patch.ts';
import { findRow, type RowOf } from '../document/rows.ts';
import { errors } from '../errors.ts';
import { flagOf } from '../node/create.ts';
import { constraintOf } from '../node/duplicate.ts';
import { stepSchema } from '../step/schema.ts';
import { type Step, stepOf } from '../step/step.ts';
import { type NodeRow, tables } from '../store.ts';

export type RunbookRow = RowOf<'baremetal_runbooks'>;

const step = stepSchema({ order: Type.Integer({ minimum: 0 }) });
const steps = Type.Array(step, { minItems: 1 });
const name = Type.String({ minLength: 1, maxLength: 255 });
const rest = {
  disable_ramdisk: Type.Optional(Nullable.flag),
  public: Type.Optional(Nullable.flag),
  owner: Type.Optional(Nullable.text),
  extra: Type.Optional(Nullable.object),
};
export const newRunbookSchema = Type.Object(
  { name, steps, ...rest, uuid: Type.Optional(Nullable.text) },
  { additionalProperties: false },
);
const edited = Type.Object({ name, steps, ...rest }, { additionalProperties: true });
type Edited = Static<typeof edited>;

export const runbooks: CollectionSpec<'baremetal_runbooks', Static<typeof newRunbookSchema>, Edited> = {
  table: 'baremetal_runbooks',
  list: 'runbooks',
  path: '/v1/runbooks',
  named: true,
  fields: {
    uuid: { render: (row) => row.uuid },
    name: { render: (row) => row.name },
    steps: { render: (row) => row.steps },
    disable_ramdisk: { render: (row) => row.disable_ramdisk },
    extra: { render: (row) => row.extra },
    public: { render: (row) => row.public },
    owner: { render: (row) => row.owner },
    created_at: { render: (row) => time(row.created_at) },
    updated_at: { render: (row) => time(row.updated_at) },
    links: { render: (row, context) => links(context, `runbooks/${row.uuid}`) },
  },
  listFields: ['uuid', 'name', 'links'],
  sortable: ['uuid', 'name', 'public', 'owner', 'created_at', 'updated_at'],
  patch: {
    editable: ['name', 'steps', ...Object.keys(rest)],
    mandatory: ['name', 'steps'],
    defaults: { extra: {}, public: false, disable_ramdisk: false },
  },
  edited,
  notFound: (ident) => errors.RunbookNotFound(ident),
  filters: async () => [],
  mayList(request) {
    const project = listLimit(request, 'baremetal:runbook:list');
    return project === undefined ? [] : [sql<boolean>`(owner = ${project} or public)`];
  },
  async enforce(_parts, request, action, row, patch) {
    const rules = action === 'update' ? rulesOfPatch(patch) : [action];
    for (const rule of rules) enforceOnRunbook(request, `baremetal:runbook:${rule}`, row);
  },
  async insert(_parts, tx, body, request) {
    const uuid = uuidOrNull(body.uuid) ?? randomUUID();
    const owner = ownerOfNew(request, body);
    return taken(uuid, body.name, () =>
      tables(tx)
        .insertInto('baremetal_runbooks')
        .values({ uuid, ...columns({ ...body, owner }) })
        .returningAll()
        .executeTakeFirstOrThrow(),
    );
  },
  async write(_parts, tx, before, changed) {
    const isPublic = flagOf('public', changed.public) ?? false;
    const owner = isPublic && changed.owner === before.owner ? null : changed.owner;
    return taken(before.uuid, changed.name, () =>
      tables(tx)
        .updateTable('baremetal_runbooks')
        .set({ ...columns({ ...changed, owner: owner ?? null }), updated_at: new Date() })
        .where('id', '=', before.id)
        .returningAll()
        .executeTakeFirstOrThrow(),
    );
  },
  mayRemove: async () => undefined,
};

/** Whose a runbook is, and whether it is everybody's, have rules of their own. */
function rulesOfPatch(patch: readonly PatchOperation[]): string[] {
  const rules = [...touched(patch)].map((name) => (['owner', 'public'].includes(name) ? `update:${name}` : 'update'));
  return rules.length > 0 ? rules : ['update'];
}

/** Throws RunbookNotFound to who may not see it. */
function enforceOnRunbook(asked: Asked, rule: string, row: RunbookRow): void {
  const target = { 'runbook.owner': row.owner, 'runbook.public': row.public ? 'True' : 'False' };
  if (!asked.may('baremetal:runbook:get', target)) throw errors.RunbookNotFound(row.name);
  asked.enforce(rule, target);
}

/** Who is not of the system makes runbooks for the own project, and none for everybody. */
function ownerOfNew(request: ApiRequest, body: Static<typeof newRunbookSchema>): string | null {
  request.enforce('baremetal:runbook:create');
  const { projectId, systemScope } = request.context.caller;
  if (systemScope === 'all' || request.may('baremetal:runbook:update:owner')) return body.owner ?? null;
  if (flagOf('public', body.public)) throw errors.Invalid('In a project one can not create a public runbook.');
  if (body.owner && body.owner !== projectId) throw errors.OtherOwner('a runbook');
  return projectId ?? null;
}

function columns(from: Edited) {
  if (!isTrait(from.name))
    throw errors.Invalid(`Runbook name must be a valid trait, such as CUSTOM_FIRMWARE; "${from.name}" is none.`);
  const orders = from.steps.map(({ order }) => order);
  if (new Set(orders).size < orders.length) throw errors.Invalid('The steps of a runbook must have different orders.');
  const isPublic = flagOf('public', from.public) ?? false;
  if (isPublic && from.owner) throw errors.Invalid('There cannot be an owner for a public runbook');
  return {
    name: from.name,
    steps: JSON.stringify(from.steps),
    disable_ramdisk: flagOf('disable_ramdisk', from.disable_ramdisk) ?? false,
    public: isPublic,
    owner: from.owner ?? null,
    extra: JSON.stringify(from.extra ?? {}),
  };
}

async function taken<Result>(uuid: string, name: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    const constraint = constraintOf(error);
    if (constraint === 'baremetal_runbooks_name_key') throw errors.DuplicateName('runbook', name);
    if (constraint === 'baremetal_runbooks_uuid_key') throw errors.AlreadyExists('runbook', uuid);
    throw error;
  }
}

/** What running this runbook on the node means. Throws 404, 403, and 400 where the node lacks the trait of its name, or is not the project's that the runbook belongs to. */
export async function runbookFor(
  asked: Asked,
  tx: Transaction,
  node: NodeRow,
  ident: string,
): Promise<{ steps: Step[]; disableRamdisk: boolean }> {
  const row = await findRow(tx, 'baremetal_runbooks', ident, { named: true });
  if (!row) throw errors.RunbookNotFound(ident);
  if (!row.public) enforceOnRunbook(asked, 'baremetal:runbook:use', row);
  if (row.owner !== null && row.owner !== node.owner && row.owner !== node.lessee)
    throw errors.Invalid(
      `Runbook ${row.name} is for nodes that its project owns or leases; node ${node.uuid} is none.`,
    );
  if (!node.traits.includes(row.name)) {
    throw errors.Invalid(
      `Node ${node.uuid} does not have the trait ${row.name}, which the runbook of that name needs.`,
    );
  }
  const ordered = [...row.steps].sort((a, b) => Number(a.order) - Number(b.order));
  return { steps: ordered.map(stepOf), disableRamdisk: row.disable_ramdisk };
}
