// Key pairs in the database; only public keys are kept.
import type { Database } from '../../database/index.ts';
import { claimQuota } from '../quota/quotas.ts';
import { inTables, type KeypairRow, tables } from '../tables.ts';

export interface KeypairStore {
  /** Undefined when the user has one of that name. `projectId` has the quota. @throws ApiError */
  create(
    pair: Pick<KeypairRow, 'user_id' | 'name' | 'type' | 'public_key' | 'fingerprint'>,
    projectId: string,
  ): Promise<KeypairRow | undefined>;
  find(userId: string, name: string): Promise<KeypairRow | undefined>;
  list(userId: string): Promise<KeypairRow[]>;
  remove(userId: string, name: string): Promise<boolean>;
}

export function createKeypairStore(database: Database): KeypairStore {
  const db = tables(database);
  return {
    create: (pair, projectId) =>
      database.transaction().execute(async (tx) => {
        const own = await inTables(tx)
          .selectFrom('compute_keypairs')
          .select((count) => count.fn.countAll<string>().as('number'))
          .where('user_id', '=', pair.user_id)
          .executeTakeFirstOrThrow();
        await claimQuota(tx, projectId, { key_pairs: 1 }, { key_pairs: Number(own.number) });
        return inTables(tx)
          .insertInto('compute_keypairs')
          .values(pair)
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst();
      }),
    find: (userId, name) =>
      db
        .selectFrom('compute_keypairs')
        .selectAll()
        .where('user_id', '=', userId)
        .where('name', '=', name)
        .executeTakeFirst(),
    list: (userId) =>
      db.selectFrom('compute_keypairs').selectAll().where('user_id', '=', userId).orderBy('name').execute(),
    async remove(userId, name) {
      const done = await db
        .deleteFrom('compute_keypairs')
        .where('user_id', '=', userId)
        .where('name', '=', name)
        .executeTakeFirst();
      return done.numDeletedRows === 1n;
    },
  };
}
