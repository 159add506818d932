// Key pairs in the database; only public keys are kept.
import type { Database } from '../../database/index.ts';
import { type KeypairRow, tables } from '../tables.ts';

export interface KeypairStore {
  /** Undefined when the user has one of that name. */
  create(
    pair: Pick<KeypairRow, 'user_id' | 'name' | 'type' | 'public_key' | 'fingerprint'>,
  ): Promise<KeypairRow | undefined>;
  find(userId: string, name: string): Promise<KeypairRow | undefined>;
  list(userId: string): Promise<KeypairRow[]>;
  remove(userId: string, name: string): Promise<boolean>;
}

export function createKeypairStore(database: Database): KeypairStore {
  const db = tables(database);
  return {
    create: (pair) =>
      db
        .insertInto('compute_keypairs')
        .values(pair)
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst(),
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
