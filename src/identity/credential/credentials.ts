// Credentials of any type: /v3/credentials; what they hold is sealed at rest.
import { createHash } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { nullableId } from '../attributes.ts';
import { type Change, type Collection, optionalText, type Row, record, text } from '../collection/index.ts';
import { errors } from '../errors.ts';
import { newId, projectById, userById } from '../store.ts';

const attributes = {
  blob: Type.String(),
  type: Type.String({ minLength: 1, maxLength: 255 }),
  user_id: Type.String({ minLength: 1 }),
};

export const credentials: Collection = {
  path: '/v3/credentials',
  member: 'credential',
  members: 'credentials',
  noun: 'credential',
  table: 'identity_credentials',
  columns: ['blob', 'type', 'user_id', 'project_id'],
  keepsExtra: true,
  filters: { user_id: 'text', type: 'text' },
  rules: {
    list: 'identity:list_credentials',
    get: 'identity:get_credential',
    create: 'identity:create_credential',
    update: 'identity:update_credential',
    delete: 'identity:delete_credential',
  },
  create: Type.Object({ ...attributes, project_id: Type.Optional(nullableId) }),
  update: Type.Object({
    blob: Type.Optional(attributes.blob),
    type: Type.Optional(attributes.type),
    user_id: Type.Optional(attributes.user_id),
    project_id: Type.Optional(nullableId),
  }),
  target: (row) => ({ 'target.credential.user_id': row.user_id }),
  // Whoever may not list them all lists the own ones.
  listTarget: ({ context, may }) =>
    may('identity:list_credentials', {}) ? {} : { 'target.credential.user_id': context.caller.userId },
  narrow: (caller) =>
    caller.roles.includes('admin') || (caller.systemScope !== undefined && caller.roles.includes('reader'))
      ? sql`true`
      : sql`user_id = ${caller.userId}`,
  present: (row, { context }, { seal }) => ({
    ...record(row, 'extra'),
    id: row.id,
    type: row.type,
    user_id: row.user_id,
    project_id: row.project_id,
    blob: Buffer.isBuffer(row.blob_sealed) ? seal.open(row.blob_sealed, credentialRow(row.id)) : '',
    links: { self: `${context.baseUrl}/v3/credentials/${String(row.id)}` },
  }),
  prepare,
  duplicate: () => 'a credential with this access key exists',
};

async function prepare({ tx, parts, values, before, request }: Change): Promise<Row> {
  const { blob, ...rest } = values;
  const userId = optionalText(rest, 'user_id') ?? optionalText(before ?? {}, 'user_id');
  if (userId !== null && !(await userById(tx, userId))) throw errors.NotFound('user', userId);
  if (before && userId !== before.user_id && !request.may('admin_required', {}))
    throw errors.Denied('The owner of a credential is changed by administrators only.');
  const type = optionalText(rest, 'type') ?? text(before ?? {}, 'type');
  const projectId = optionalText(rest, 'project_id') ?? optionalText(before ?? {}, 'project_id');
  if (type === 'ec2' && projectId === null) throw errors.Invalid('A credential of type ec2 needs a project_id.');
  if (projectId !== null && !(await projectById(tx, projectId))) throw errors.NotFound('project', projectId);
  if (typeof blob !== 'string') return rest;
  if (type === 'totp' && !/^[A-Z2-7]+=*$/i.test(blob.replaceAll(' ', '')))
    throw errors.Invalid('The blob of a credential of type totp is a seed in base32.');
  const access = type === 'ec2' ? accessKeyOf(blob) : undefined;
  const id = before?.id ?? (access === undefined ? newId() : ec2CredentialId(access));
  return {
    ...rest,
    id,
    blob_sealed: parts.seal.seal(blob, credentialRow(id)),
    ...(access === undefined ? {} : { access }),
  };
}

/** The row that a credential's secret belongs to. */
export function credentialRow(id: unknown): string {
  return `identity_credentials:${String(id)}`;
}

/** Keystone names EC2 credentials by the digest of their access key. */
export function ec2CredentialId(access: string): string {
  return createHash('sha256').update(access).digest('hex');
}

function accessKeyOf(blob: string): string {
  try {
    const parsed: unknown = JSON.parse(blob);
    const access = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'access') : undefined;
    if (typeof access === 'string') return access;
  } catch (cause) {
    throw errors.Invalid(
      `The blob of a credential of type ec2 is JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
  throw errors.Invalid('The blob of a credential of type ec2 holds "access" and "secret".');
}
