// Registered limits: the defaults that services ask for; /v3/registered_limits.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { nullableId, nullableText } from '../attributes.ts';
import type { LimitKind } from './routes.ts';

const amount = Type.Integer({ minimum: -1, maximum: 2_147_483_647 });
const resourceName = Type.String({ minLength: 1, maxLength: 255 });

export const registeredLimits: LimitKind = {
  path: '/v3/registered_limits',
  member: 'registered_limit',
  members: 'registered_limits',
  noun: 'registered limit',
  table: 'identity_registered_limits',
  source: sql`identity_registered_limits`,
  filters: ['service_id', 'region_id', 'resource_name'],
  rules: {
    list: 'identity:list_registered_limits',
    get: 'identity:get_registered_limit',
    create: 'identity:create_registered_limits',
    update: 'identity:update_registered_limit',
    delete: 'identity:delete_registered_limit',
  },
  create: Type.Object(
    {
      service_id: Type.String({ minLength: 1 }),
      region_id: Type.Optional(nullableId),
      resource_name: resourceName,
      default_limit: amount,
      description: Type.Optional(nullableText),
    },
    { additionalProperties: false },
  ),
  update: Type.Object(
    {
      service_id: Type.Optional(Type.String({ minLength: 1 })),
      region_id: Type.Optional(nullableId),
      resource_name: Type.Optional(resourceName),
      default_limit: Type.Optional(amount),
      description: Type.Optional(nullableText),
    },
    { additionalProperties: false },
  ),
};
