// The rules of the introspection API: kept as they were written, beside what our inspection runs of them.
import { randomUUID } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import type { Selectable } from 'kysely';
import { type Answer, type ApiRequest, atLeast, empty, json } from '../../openstack/index.ts';
import { isUuid } from '../document/names.ts';
import { refuseRule } from '../inspection-rule/apply.ts';
import { constraintOf } from '../node/duplicate.ts';
import type { Parts } from '../parts.ts';
import { type InspectionRulesTable, tables } from '../store.ts';
import { errors } from './errors.ts';
import { scopeCondition, translatedAction, translatedCondition } from './rule-words.ts';

const textOrNull = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const open = { additionalProperties: true } as const;
export const newRuleSchema = Type.Object(
  {
    uuid: textOrNull,
    description: textOrNull,
    scope: textOrNull,
    conditions: Type.Optional(
      Type.Array(
        Type.Object(
          {
            op: Type.String(),
            field: Type.String(),
            multiple: Type.Optional(Type.Union([Type.Literal('any'), Type.Literal('all'), Type.Literal('first')])),
            invert: Type.Optional(Type.Boolean()),
          },
          open,
        ),
      ),
    ),
    actions: Type.Array(Type.Object({ action: Type.String() }, open), { minItems: 1 }),
  },
  { additionalProperties: false },
);
type NewRule = Static<typeof newRuleSchema>;
type RuleRow = Selectable<InspectionRulesTable>;

export function ruleHandlers({ database }: Parts) {
  const own = () =>
    tables(database).selectFrom('baremetal_inspection_rules').selectAll().where('introspection', 'is not', null);

  async function find({ params }: ApiRequest): Promise<RuleRow> {
    const uuid = params.rule ?? '';
    const row = isUuid(uuid) ? await own().where('uuid', '=', uuid).executeTakeFirst() : undefined;
    if (!row) throw errors.RuleNotFound(uuid);
    return row;
  }

  return {
    async list({ context }: ApiRequest): Promise<Answer> {
      const rows = await own().orderBy('id').execute();
      return json({ rules: rows.map((row) => shortRule(context.baseUrl, row)) });
    },

    async show(request: ApiRequest): Promise<Answer> {
      return json(wholeRule(request.context.baseUrl, await find(request)));
    },

    async create({ body, context }: ApiRequest<unknown, NewRule>): Promise<Answer> {
      const uuid = body.uuid ?? randomUUID();
      if (!isUuid(uuid)) throw errors.BadRule('uuid', 'is no UUID');
      try {
        const row = await tables(database)
          .insertInto('baremetal_inspection_rules')
          .values({ uuid, description: body.description ?? null, ...translated(body) })
          .returningAll()
          .executeTakeFirstOrThrow();
        return json(wholeRule(context.baseUrl, row), atLeast(context.microversion, '1.6') ? 201 : 200);
      } catch (error) {
        if (constraintOf(error) === 'baremetal_inspection_rules_uuid_key') throw errors.RuleExists(uuid);
        throw error;
      }
    },

    async remove(request: ApiRequest): Promise<Answer> {
      const { id } = await find(request);
      await tables(database).deleteFrom('baremetal_inspection_rules').where('id', '=', id).execute();
      return empty(204);
    },

    /** Rules of the bare metal API stay. */
    async purge(): Promise<Answer> {
      await tables(database).deleteFrom('baremetal_inspection_rules').where('introspection', 'is not', null).execute();
      return empty(204);
    },
  };
}

/** Throws BadRule that names what our rules have no words for. */
function translated({ conditions = [], actions, scope }: NewRule) {
  const ours = {
    conditions: [...(scope ? [scopeCondition(scope)] : []), ...conditions.flatMap(translatedCondition)],
    actions: actions.map(translatedAction),
  };
  refuseRule(ours);
  const written = {
    scope: scope ?? null,
    conditions: conditions.map((one) => ({ multiple: 'any', invert: false, ...one })),
    actions,
  };
  return {
    conditions: JSON.stringify(ours.conditions),
    actions: JSON.stringify(ours.actions),
    introspection: JSON.stringify(written),
  };
}

function shortRule(baseUrl: string, { uuid, description, introspection }: RuleRow) {
  const links = [{ href: `${baseUrl}/v1/rules/${uuid}`, rel: 'self' }];
  return { uuid, description, scope: introspection?.scope ?? null, links };
}

/** One that was made sensitive since shows neither conditions nor actions. */
function wholeRule(baseUrl: string, row: RuleRow) {
  const { conditions, actions } = row.sensitive ? { conditions: null, actions: null } : { ...row.introspection };
  return { ...shortRule(baseUrl, row), conditions, actions };
}
