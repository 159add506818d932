// Flavors in the database.
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import { type FlavorRow, type FlavorSnapshot, type Texts, tables } from '../tables.ts';

export interface NewFlavor extends Omit<FlavorSnapshot, 'extraSpecs'> {
  readonly rxtxFactor: number;
  readonly isPublic: boolean;
  readonly description: string | null;
  readonly extraSpecs?: Texts;
}

export const flavorSortKeys = ['flavorid', 'name', 'memory_mb', 'vcpus', 'root_gb', 'created_at', 'id'] as const;
const sortColumns = {
  flavorid: 'id',
  id: 'id',
  name: 'name',
  memory_mb: 'ram_mb',
  vcpus: 'vcpus',
  root_gb: 'disk_gb',
  created_at: 'created_at',
} as const;

export interface FlavorQuery {
  /** undefined: public ones and those the project has access to. */
  readonly isPublic?: boolean | 'any';
  readonly projectId: string;
  readonly admin: boolean;
  readonly minRamMb: number;
  readonly minDiskGb: number;
  readonly sortKey: keyof typeof sortColumns;
  readonly sortDir: 'asc' | 'desc';
}

export interface FlavorStore {
  /** `taken`: the id or the name is in use. */
  create(flavor: NewFlavor): Promise<FlavorRow | { readonly taken: 'ID' | 'name' }>;
  list(query: FlavorQuery): Promise<FlavorRow[]>;
  /** A flavor that the project may use; administrators may use all. */
  find(id: string, projectId: string, admin: boolean): Promise<FlavorRow | undefined>;
  setDescription(id: string, description: string | null): Promise<FlavorRow>;
  remove(id: string): Promise<void>;
  setSpecs(id: string, specs: Texts): Promise<Texts>;
  /** False when the flavor has no such key. */
  removeSpec(id: string, key: string): Promise<boolean>;
  access(id: string): Promise<string[]>;
  allow(id: string, projectId: string): Promise<boolean>;
  refuse(id: string, projectId: string): Promise<boolean>;
}

export function createFlavorStore(database: Database): FlavorStore {
  const db = tables(database);
  const usable = (projectId: string) =>
    sql<boolean>`(is_public or id in (select flavor_id from compute_flavor_access where project_id = ${projectId}))`;
  return {
    async create(flavor) {
      const row = await db
        .insertInto('compute_flavors')
        .values({
          id: flavor.id,
          name: flavor.name,
          ram_mb: flavor.ramMb,
          vcpus: flavor.vcpus,
          disk_gb: flavor.diskGb,
          ephemeral_gb: flavor.ephemeralGb,
          swap_mb: flavor.swapMb,
          rxtx_factor: flavor.rxtxFactor,
          is_public: flavor.isPublic,
          disabled: false,
          description: flavor.description,
          extra_specs: JSON.stringify(flavor.extraSpecs ?? {}),
        })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst();
      if (row) return row;
      const same = await db.selectFrom('compute_flavors').select('id').where('id', '=', flavor.id).executeTakeFirst();
      return { taken: same ? 'ID' : 'name' };
    },
    list(query) {
      return db
        .selectFrom('compute_flavors')
        .selectAll()
        .where('ram_mb', '>=', query.minRamMb)
        .where('disk_gb', '>=', query.minDiskGb)
        .$if(typeof query.isPublic === 'boolean', (q) => q.where('is_public', '=', query.isPublic === true))
        .$if(query.isPublic === undefined || !query.admin, (q) => q.where(usable(query.projectId)))
        .orderBy(sortColumns[query.sortKey], query.sortDir)
        .orderBy('id', query.sortDir)
        .execute();
    },
    find(id, projectId, admin) {
      return db
        .selectFrom('compute_flavors')
        .selectAll()
        .where('id', '=', id)
        .$if(!admin, (q) => q.where(usable(projectId)))
        .executeTakeFirst();
    },
    setDescription: (id, description) =>
      db
        .updateTable('compute_flavors')
        .set({ description })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow(),
    async remove(id) {
      await db.deleteFrom('compute_flavors').where('id', '=', id).execute();
    },
    async setSpecs(id, specs) {
      const { extra_specs } = await db
        .updateTable('compute_flavors')
        .set({ extra_specs: sql`extra_specs || ${JSON.stringify(specs)}::jsonb` })
        .where('id', '=', id)
        .returning('extra_specs')
        .executeTakeFirstOrThrow();
      return extra_specs;
    },
    async removeSpec(id, key) {
      const done = await db
        .updateTable('compute_flavors')
        .set({ extra_specs: sql`extra_specs - ${key}::text` })
        .where('id', '=', id)
        .where(sql<boolean>`jsonb_exists(extra_specs, ${key})`)
        .executeTakeFirst();
      return done.numUpdatedRows === 1n;
    },
    async access(id) {
      const rows = await db
        .selectFrom('compute_flavor_access')
        .select('project_id')
        .where('flavor_id', '=', id)
        .orderBy('project_id')
        .execute();
      return rows.map((row) => row.project_id);
    },
    async allow(id, projectId) {
      const done = await db
        .insertInto('compute_flavor_access')
        .values({ flavor_id: id, project_id: projectId })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return done.numInsertedOrUpdatedRows === 1n;
    },
    async refuse(id, projectId) {
      const done = await db
        .deleteFrom('compute_flavor_access')
        .where('flavor_id', '=', id)
        .where('project_id', '=', projectId)
        .executeTakeFirst();
      return done.numDeletedRows === 1n;
    },
  };
}

/** The flavor as a server keeps it: later changes of the flavor do not reach it. */
export function snapshot(row: FlavorRow): FlavorSnapshot {
  return {
    id: row.id,
    name: row.name,
    ramMb: row.ram_mb,
    vcpus: row.vcpus,
    diskGb: row.disk_gb,
    ephemeralGb: row.ephemeral_gb,
    swapMb: row.swap_mb,
    extraSpecs: row.extra_specs,
  };
}
