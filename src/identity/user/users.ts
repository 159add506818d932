// Users: /v3/users.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { nameSchema, nullableId, nullableText } from '../attributes.ts';
import { type Change, type Collection, optionalText, type Row, record, text } from '../collection/index.ts';
import { errors } from '../errors.ts';
import { mergedOptions } from '../immutable.ts';
import { passwordColumns, rememberPassword } from '../password/set.ts';
import { defaultDomainId, projectById, userById } from '../store.ts';
import { keystoneTime } from '../token/render.ts';
import { userOptions } from './options.ts';

const attributes = {
  default_project_id: Type.Optional(nullableId),
  description: Type.Optional(nullableText),
  enabled: Type.Optional(Type.Boolean()),
  password: Type.Optional(nullableText),
  domain_id: Type.Optional(Type.String()),
  options: Type.Optional(userOptions),
};

export const users: Collection = {
  path: '/v3/users',
  member: 'user',
  members: 'users',
  noun: 'user',
  table: 'identity_users',
  columns: ['name', 'domain_id', 'default_project_id', 'description', 'enabled', 'password', 'options'],
  keepsExtra: true,
  filters: {
    name: 'text',
    domain_id: 'text',
    enabled: 'boolean',
    default_project_id: 'text',
    password_expires_at: expiryFilter,
  },
  sortedBy: 'name',
  rules: {
    list: 'identity:list_users',
    get: 'identity:get_user',
    create: 'identity:create_user',
    update: 'identity:update_user',
    delete: 'identity:delete_user',
  },
  create: Type.Object({ ...attributes, name: nameSchema }),
  update: Type.Object({ ...attributes, name: Type.Optional(nameSchema) }),
  target: userTarget,
  createTarget: (attributes, { domainId }) => userTarget({ domain_id: domainId, ...attributes }),
  listTarget: ({ context }) => ({ 'target.domain_id': context.caller.domainId }),
  narrow: (caller) => (caller.domainId === undefined ? sql`true` : sql`domain_id = ${caller.domainId}`),
  present: (row, { context }) => presentUser(row, context.baseUrl),
  prepare,
  stored: async (row, { tx, parts, values, before }) => {
    // A new password or a disabled user ends every token that the user holds.
    if (!before || (values.password === undefined && values.enabled !== false)) return;
    await sql`update identity_users set tokens_valid_from = ${parts.clock()} where id = ${row.id}`.execute(tx);
  },
  remove: async (row, { tx }) => {
    await sql`delete from identity_credentials where user_id = ${row.id}`.execute(tx);
  },
};

export function userTarget(row: Row) {
  return { 'target.user.id': row.id, 'target.user.domain_id': row.domain_id, user_id: row.id };
}

export function presentUser(row: Row, baseUrl: string) {
  const expiresAt = row.password_expires_at;
  return {
    ...record(row, 'extra'),
    id: row.id,
    name: row.name,
    domain_id: row.domain_id,
    enabled: row.enabled,
    ...(row.default_project_id === null ? {} : { default_project_id: row.default_project_id }),
    ...(row.description === null ? {} : { description: row.description }),
    password_expires_at: expiresAt instanceof Date ? keystoneTime(expiresAt).replace(/Z$/, '') : null,
    options: row.options,
    links: { self: `${baseUrl}/v3/users/${String(row.id)}` },
  };
}

async function prepare({ tx, parts, request, values, before }: Change): Promise<Row> {
  const { password, ...rest } = values;
  const { original_password: _original, ...extra } = record(rest, 'extra');
  if (before && 'domain_id' in rest && rest.domain_id !== before.domain_id)
    throw errors.Invalid('The domain_id of a user cannot be changed.');
  const { caller } = request.context;
  const domainId = before
    ? text(before, 'domain_id')
    : (optionalText(rest, 'domain_id') ?? caller.domainId ?? caller.projectDomainId ?? defaultDomainId);
  if (!before && !(await projectById(tx, domainId))?.is_domain) throw errors.NotFound('domain', domainId);
  const defaultProject = optionalText(rest, 'default_project_id');
  if (defaultProject !== null && (await projectById(tx, defaultProject))?.is_domain)
    throw errors.Invalid(`The default project ${defaultProject} is a domain.`);
  const user = before ? await userById(tx, text(before, 'id')) : undefined;
  if (user && typeof password === 'string') await rememberPassword(parts, tx, user);
  return {
    ...rest,
    extra,
    domain_id: domainId,
    ...('options' in rest ? { options: mergedOptions(before, rest.options) } : {}),
    ...(typeof password === 'string' ? await passwordColumns(parts, password, true) : {}),
    ...(password === null ? { password_hash: null, password_expires_at: null } : {}),
    // An administrator who enables a user lifts the lock-out and the inactivity too.
    ...(before && rest.enabled === true
      ? { failed_auths: 0, failed_auth_at: null, last_active_on: parts.clock() }
      : {}),
  };
}

const comparators: Readonly<Record<string, string>> = { lt: '<', lte: '<=', gt: '>', gte: '>=', eq: '=', neq: '<>' };

/** `password_expires_at=lt:2026-01-01T00:00:00Z`. */
function expiryFilter(value: string) {
  const [, operator = '', time = ''] = /^(\w+):(.+)$/.exec(value) ?? [];
  const sign = Object.hasOwn(comparators, operator) ? comparators[operator] : undefined;
  if (sign === undefined || Number.isNaN(Date.parse(time)))
    throw errors.Invalid(`password_expires_at is OPERATOR:TIME with one of ${Object.keys(comparators).join(', ')}.`);
  return sql`password_expires_at ${sql.raw(sign)} ${new Date(time)}`;
}
