// Deploy templates: steps that a deployment runs when the node was asked for with the trait of that name.
import { randomUUID } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import type { CollectionSpec } from '../document/collection.ts';
import { links, time } from '../document/fields.ts';
import { isTrait, Nullable, uuidOrNull } from '../document/names.ts';
import { errors } from '../errors.ts';
import { constraintOf } from '../node/duplicate.ts';
import { tables } from '../store.ts';

const step = Type.Object(
  {
    interface: Type.Union(
      ['bios', 'deploy', 'firmware', 'management', 'power', 'raid', 'vendor'].map((name) => Type.Literal(name)),
    ),
    step: Type.String({ minLength: 1 }),
    args: Type.Record(Type.String(), Type.Unknown()),
    priority: Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^\\d+$' })]),
  },
  { additionalProperties: false },
);
const editable = {
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  steps: Type.Optional(Type.Array(step, { minItems: 1 })),
  extra: Type.Optional(Nullable.object),
};
export const newDeployTemplateSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 255 }),
    steps: Type.Array(step, { minItems: 1 }),
    extra: editable.extra,
    uuid: Type.Optional(Nullable.text),
  },
  { additionalProperties: false },
);
const edited = Type.Object(editable, { additionalProperties: true });
type Edited = Static<typeof edited>;

export const deployTemplates: CollectionSpec<
  'baremetal_deploy_templates',
  Static<typeof newDeployTemplateSchema>,
  Edited
> = {
  table: 'baremetal_deploy_templates',
  list: 'deploy_templates',
  path: '/v1/deploy_templates',
  named: true,
  fields: {
    uuid: { render: (row) => row.uuid },
    name: { render: (row) => row.name },
    steps: { render: (row) => row.steps },
    extra: { render: (row) => row.extra },
    created_at: { render: (row) => time(row.created_at) },
    updated_at: { render: (row) => time(row.updated_at) },
    links: { render: (row, context) => links(context, `deploy_templates/${row.uuid}`) },
  },
  listFields: ['uuid', 'name', 'links'],
  sortable: ['uuid', 'name', 'created_at', 'updated_at'],
  patch: { editable: Object.keys(editable), mandatory: ['name', 'steps'], defaults: { extra: {} } },
  edited,
  notFound: (ident) => errors.DeployTemplateNotFound(ident),
  filters: async () => [],
  mayList(request) {
    request.enforce('baremetal:deploy_template:get');
    return [];
  },
  enforceFirst: (request, action) => request.enforce(`baremetal:deploy_template:${action}`),
  async insert(_parts, tx, body, request) {
    request.enforce('baremetal:deploy_template:create');
    const uuid = uuidOrNull(body.uuid) ?? randomUUID();
    return taken(uuid, body.name, () =>
      tables(tx)
        .insertInto('baremetal_deploy_templates')
        .values({ uuid, ...columns(body) })
        .returningAll()
        .executeTakeFirstOrThrow(),
    );
  },
  write: (_parts, tx, before, changed) =>
    taken(before.uuid, changed.name ?? '', () =>
      tables(tx)
        .updateTable('baremetal_deploy_templates')
        .set({ ...columns(changed), updated_at: new Date() })
        .where('id', '=', before.id)
        .returningAll()
        .executeTakeFirstOrThrow(),
    ),
  mayRemove: async () => undefined,
};

function columns(from: Edited) {
  const name = from.name ?? '';
  if (!isTrait(name))
    throw errors.Invalid(`Deploy template name must be a valid trait, such as CUSTOM_RAID1; "${name}" is none.`);
  const keys = (from.steps ?? []).map((one) => `${one.interface}.${one.step}`);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined)
    throw errors.Invalid(`Duplicate deploy steps for ${twice}. Each interface and step may occur once.`);
  const steps = (from.steps ?? []).map((one) => ({ ...one, priority: Number(one.priority) }));
  return { name, steps: JSON.stringify(steps), extra: JSON.stringify(from.extra ?? {}) };
}

async function taken<Result>(uuid: string, name: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    const constraint = constraintOf(error);
    if (constraint === 'baremetal_deploy_templates_name_key') throw errors.DuplicateName('deploy template', name);
    if (constraint === 'baremetal_deploy_templates_uuid_key') throw errors.AlreadyExists('deploy template', uuid);
    throw error;
  }
}
