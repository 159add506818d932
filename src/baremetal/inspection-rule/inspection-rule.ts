// Inspection rules as a collection of the API.
import { randomUUID } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { CollectionSpec } from '../document/collection.ts';
import { links, time } from '../document/fields.ts';
import { Nullable, uuidOrNull } from '../document/names.ts';
import { errors } from '../errors.ts';
import { flagOf } from '../node/create.ts';
import { constraintOf } from '../node/duplicate.ts';
import { sameValue } from '../node/secrets.ts';
import { tables } from '../store.ts';
import { refuseRule } from './apply.ts';

const loop = Type.Optional(Type.Union([Type.Array(Type.Unknown()), Type.String({ pattern: '^\\{.+\\}$' })]));
/** By name; or in the order in which the operation names them. */
const args = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Array(Type.Unknown())]);
const multiple = Type.Optional(
  Type.Union([Type.Literal('any'), Type.Literal('all'), Type.Literal('first'), Type.Literal('last')]),
);
const condition = Type.Object({ op: Type.String(), args, loop, multiple }, { additionalProperties: false });
const action = Type.Object({ op: Type.String(), args, loop }, { additionalProperties: false });
/** Of a rule as it is written. */
export const ruleFields = {
  description: Type.Optional(Nullable.text),
  phase: Type.Optional(Type.Union([Type.Literal('main'), Type.Null()])),
  priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 9999 })),
  sensitive: Type.Optional(Nullable.flag),
  conditions: Type.Optional(Type.Array(condition)),
  actions: Type.Array(action, { minItems: 1 }),
};
export const newInspectionRuleSchema = Type.Object(
  { ...ruleFields, uuid: Type.Optional(Nullable.text) },
  { additionalProperties: false },
);
const edited = Type.Object(ruleFields, { additionalProperties: true });
type Edited = Static<typeof edited>;

export const inspectionRules: CollectionSpec<
  'baremetal_inspection_rules',
  Static<typeof newInspectionRuleSchema>,
  Edited
> = {
  table: 'baremetal_inspection_rules',
  list: 'inspection_rules',
  path: '/v1/inspection_rules',
  named: false,
  fields: {
    uuid: { render: (row) => row.uuid },
    description: { render: (row) => row.description },
    phase: { render: (row) => row.phase },
    priority: { render: (row) => row.priority },
    sensitive: { render: (row) => row.sensitive },
    // They may hold passwords, which is what `sensitive` says.
    conditions: { render: (row) => (row.sensitive ? null : row.conditions) },
    actions: { render: (row) => (row.sensitive ? null : row.actions) },
    created_at: { render: (row) => time(row.created_at) },
    updated_at: { render: (row) => time(row.updated_at) },
    links: { render: (row, context) => links(context, `inspection_rules/${row.uuid}`) },
  },
  listFields: ['uuid', 'description', 'phase', 'priority', 'sensitive', 'links'],
  sortable: ['uuid', 'description', 'phase', 'priority', 'sensitive', 'created_at', 'updated_at'],
  patch: {
    editable: Object.keys(ruleFields),
    mandatory: ['actions'],
    defaults: { phase: 'main', priority: 0, sensitive: false, conditions: [] },
  },
  edited,
  notFound: (ident) => errors.InspectionRuleNotFound(ident),
  asks: ['phase'],
  async filters(_parts, { search }) {
    const phase = search.get('phase');
    return phase === null ? [] : [sql<boolean>`phase = ${phase}`];
  },
  mayList(request) {
    request.enforce('baremetal:inspection_rule:get');
    return [];
  },
  enforceFirst: (request, action) => request.enforce(`baremetal:inspection_rule:${action}`),
  async insert(_parts, tx, body, request) {
    request.enforce('baremetal:inspection_rule:create');
    const uuid = uuidOrNull(body.uuid) ?? randomUUID();
    try {
      return await tables(tx)
        .insertInto('baremetal_inspection_rules')
        .values({ uuid, ...columns(body) })
        .returningAll()
        .executeTakeFirstOrThrow();
    } catch (error) {
      if (constraintOf(error) === 'baremetal_inspection_rules_uuid_key')
        throw errors.AlreadyExists('inspection rule', uuid);
      throw error;
    }
  },
  async write(_parts, tx, before, changed) {
    const after = columns(changed);
    const rewritten = !sameValue([changed.conditions, changed.actions], [before.conditions, before.actions]);
    if (before.sensitive && !after.sensitive)
      throw errors.Invalid('A sensitive inspection rule stays sensitive: delete it and create another.');
    return tables(tx)
      .updateTable('baremetal_inspection_rules')
      .set({ ...after, ...(rewritten ? { introspection: null } : {}), updated_at: new Date() })
      .where('id', '=', before.id)
      .returningAll()
      .executeTakeFirstOrThrow();
  },
  mayRemove: async () => undefined,
};

function columns(from: Edited) {
  const conditions = from.conditions ?? [];
  refuseRule({ conditions, actions: from.actions });
  return {
    description: from.description ?? null,
    phase: from.phase ?? 'main',
    priority: from.priority ?? 0,
    sensitive: flagOf('sensitive', from.sensitive) ?? false,
    conditions: JSON.stringify(conditions),
    actions: JSON.stringify(from.actions),
  };
}
