// The projects an image is shared with.
import { sql } from 'kysely';
import type { Database } from '../database/index.ts';
import type { ImageTables } from './tables.ts';

export const memberStatuses = ['pending', 'accepted', 'rejected'] as const;
export type MemberStatus = (typeof memberStatuses)[number];

export interface Member {
  readonly imageId: string;
  /** Project id. */
  readonly member: string;
  readonly status: MemberStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface MemberStore {
  list(imageId: string): Promise<Member[]>;
  get(imageId: string, member: string): Promise<Member | undefined>;
  /** Undefined when the project is a member already. */
  add(imageId: string, member: string): Promise<Member | undefined>;
  setStatus(imageId: string, member: string, status: MemberStatus): Promise<Member | undefined>;
  remove(imageId: string, member: string): Promise<boolean>;
}

export function createMemberStore(database: Database): MemberStore {
  const db = database.withTables<ImageTables>();
  return {
    async list(imageId) {
      const rows = await db
        .selectFrom('image_members')
        .selectAll()
        .where('image_id', '=', imageId)
        .orderBy('created_at')
        .orderBy('member')
        .execute();
      return rows.map(toMember);
    },
    async get(imageId, member) {
      const row = await db
        .selectFrom('image_members')
        .selectAll()
        .where('image_id', '=', imageId)
        .where('member', '=', member)
        .executeTakeFirst();
      return row && toMember(row);
    },
    async add(imageId, member) {
      const row = await db
        .insertInto('image_members')
        .values({ image_id: imageId, member })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst();
      return row && toMember(row);
    },
    async setStatus(imageId, member, status) {
      const row = await db
        .updateTable('image_members')
        .set({ status, updated_at: sql<Date>`now()` })
        .where('image_id', '=', imageId)
        .where('member', '=', member)
        .returningAll()
        .executeTakeFirst();
      return row && toMember(row);
    },
    async remove(imageId, member) {
      const done = await db
        .deleteFrom('image_members')
        .where('image_id', '=', imageId)
        .where('member', '=', member)
        .executeTakeFirst();
      return done.numDeletedRows === 1n;
    },
  };
}

function toMember(row: {
  image_id: string;
  member: string;
  status: MemberStatus;
  created_at: Date;
  updated_at: Date;
}): Member {
  return {
    imageId: row.image_id,
    member: row.member,
    status: row.status,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
