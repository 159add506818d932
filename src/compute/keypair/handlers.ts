// Handlers for key pairs.
import { generateKeyPairSync } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { type ApiRequest, atLeast, empty, json, type RequestContext } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { microseconds, nextLinks } from '../links.ts';
import { limitOf } from '../paging.ts';
import type { KeypairRow } from '../tables.ts';
import { openSshPair } from './openssh.ts';
import { parsePublicKey } from './public-key.ts';
import type { KeypairStore } from './store.ts';

type Request<Body = unknown> = ApiRequest<unknown, Body>;

export const newKeypair = Type.Object(
  {
    keypair: Type.Object(
      {
        name: Type.String({ minLength: 1, maxLength: 255, pattern: '^[^\\u0000]*$' }),
        public_key: Type.Optional(Type.Union([Type.String(), Type.Null()])),
        type: Type.Optional(Type.Union([Type.Literal('ssh'), Type.Literal('x509')])),
        user_id: Type.Optional(Type.Union([Type.String({ maxLength: 255 }), Type.Null()])),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

export function keypairHandlers({ keypairs }: { keypairs: KeypairStore }) {
  /** Since 2.10 an administrator may name another user. */
  function userOf({ context, search, enforce }: Pick<Request, 'context' | 'search' | 'enforce'>, rule: string): string {
    const asked = atLeast(context.microversion, '2.10') ? search.get('user_id') : null;
    const userId = asked ?? context.caller.userId;
    enforce(`os_compute_api:os-keypairs:${rule}`, { user_id: userId });
    return userId;
  }
  async function find(request: Request, rule: string): Promise<KeypairRow> {
    const userId = userOf(request, rule);
    const name = request.params.keypair ?? '';
    const row = name.includes('\0') ? undefined : await keypairs.find(userId, name);
    if (!row) throw errors.KeypairNotFound(name);
    return row;
  }

  return {
    async list(request: Request) {
      const rows = await keypairs.list(userOf(request, 'index'));
      const { search, context } = request;
      const paged = atLeast(context.microversion, '2.35');
      const limit = paged ? limitOf(search) : rows.length;
      const marker = paged ? search.get('marker') : null;
      const at = marker === null ? -1 : rows.findIndex(({ name }) => name === marker);
      if (marker !== null && at < 0) throw errors.MarkerNotFound(marker);
      const page = rows.slice(at + 1, at + 1 + limit);
      return json({
        keypairs: page.map((row) => ({ keypair: view(row, context) })),
        ...nextLinks('keypairs', context.baseUrl, '/os-keypairs', search, {
          lastId: page.at(-1)?.name,
          full: at + 1 + limit < rows.length,
        }),
      });
    },

    async create({ body, context, enforce }: Request<Static<typeof newKeypair>>) {
      const { microversion, caller } = context;
      const { name, public_key, type = 'ssh', user_id } = body.keypair;
      if (user_id !== undefined && !atLeast(microversion, '2.10'))
        throw errors.Invalid(
          'Invalid input for field/attribute keypair. Additional properties are not allowed (user_id)',
        );
      if (type === 'x509') throw errors.KeypairInvalid('x509 certificates are for Windows guests and not offered.');
      const userId = user_id ?? caller.userId;
      enforce('os_compute_api:os-keypairs:create', { user_id: userId });
      if ((public_key ?? undefined) === undefined && atLeast(microversion, '2.92'))
        throw errors.Invalid("Invalid input for field/attribute keypair. 'public_key' is a required property");
      if (!/^[\w .@-]+$/.test(name) || name.trim() !== name)
        throw errors.KeypairInvalid('Keypair name contains unsafe characters');
      const generated =
        (public_key ?? undefined) === undefined ? openSshPair(generateKeyPairSync('ed25519'), name) : undefined;
      const key = parsePublicKey(generated?.publicKey ?? public_key ?? '');
      if (key.kind === 'invalid') throw errors.KeypairInvalid(key.reason);
      const row = await keypairs.create(
        {
          user_id: userId,
          name,
          type,
          public_key: key.text,
          fingerprint: key.fingerprint,
        },
        context.caller.projectId ?? '',
      );
      if (!row) throw errors.KeypairExists(name);
      const answer = {
        ...view(row, context),
        user_id: userId,
        ...(generated ? { private_key: generated.privateKey } : {}),
      };
      return json({ keypair: answer }, atLeast(microversion, '2.2') ? 201 : 200);
    },

    async show(request: Request) {
      const row = await find(request, 'show');
      return json({
        keypair: {
          ...view(row, request.context),
          user_id: row.user_id,
          id: row.id,
          created_at: microseconds(row.created_at),
          updated_at: null,
          deleted: false,
          deleted_at: null,
        },
      });
    },

    async remove(request: Request) {
      const row = await find(request, 'delete');
      await keypairs.remove(row.user_id, row.name);
      return empty(atLeast(request.context.microversion, '2.2') ? 204 : 202);
    },
  };
}

function view(row: KeypairRow, { microversion }: RequestContext): Record<string, unknown> {
  return {
    name: row.name,
    public_key: row.public_key,
    fingerprint: row.fingerprint,
    ...(atLeast(microversion, '2.2') ? { type: row.type } : {}),
  };
}
