// Images in the database; every change of an image writes its event in the same transaction.
import { sql } from 'kysely';
import type { Database, Transaction } from '../database/index.ts';
import { appendEvent } from '../events/index.ts';
import type { Image, ImageSettings, ImageStatus } from './image.ts';
import type { ImageRow, ImageTables } from './tables.ts';

/** What an image's data is known to be once it is there. */
export interface DataFacts {
  readonly sizeBytes: number | null;
  readonly virtualSizeBytes: number | null;
  readonly checksum: string | null;
  readonly osHashAlgo: string | null;
  readonly osHashValue: string | null;
}
export const noData: DataFacts = {
  sizeBytes: null,
  virtualSizeBytes: null,
  checksum: null,
  osHashAlgo: null,
  osHashValue: null,
};

export interface ImageStore {
  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /** Undefined when the id is taken. */
  create(tx: Transaction, id: string, settings: ImageSettings): Promise<Image | undefined>;
  get(id: string): Promise<Image | undefined>;
  /** Locks the image until the transaction ends. */
  lock(tx: Transaction, id: string): Promise<Image | undefined>;
  save(tx: Transaction, id: string, settings: ImageSettings): Promise<Image>;
  /** Moves the image from one of `from` to `to`; false when it stands elsewhere or is gone. */
  setStatus(
    tx: Transaction,
    id: string,
    from: readonly ImageStatus[],
    to: ImageStatus,
    facts?: DataFacts,
  ): Promise<boolean>;
  /** Remembers on the image which stores an import failed for, or forgets it (null). */
  setFailedImport(tx: Transaction, id: string, stores: string | null): Promise<void>;
  remove(tx: Transaction, id: string): Promise<void>;
  /** What a project's images take, by the names of the Image API; sizes in MiB. */
  usage(projectId: string): Promise<Readonly<Record<string, number>>>;
  /** Puts images whose writer is gone back to `queued`; returns their ids. */
  requeueAbandoned(): Promise<string[]>;
}

/** The property in which Glance names the stores that an import failed for. */
const failedImport = 'os_glance_failed_import';

export function createImageStore(database: Database): ImageStore {
  const tables = (tx: Transaction) => tx.withTables<ImageTables>();
  const db = database.withTables<ImageTables>();
  const note = (tx: Transaction, id: string, what: string, payload: Readonly<Record<string, unknown>>) =>
    appendEvent(tx, { kind: `image.image.${what}`, subject: `image:${id}`, payload });

  return {
    transaction: (work) => database.transaction().execute(work),
    async create(tx, id, settings) {
      const row = await tables(tx)
        .insertInto('images')
        .values({ id, status: 'queued', ...toRow(settings), ...factsRow(noData) })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst();
      if (!row) return undefined;
      await note(tx, id, 'created', { name: settings.name });
      return toImage(row);
    },
    async get(id) {
      const row = await db.selectFrom('images').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toImage(row);
    },
    async lock(tx, id) {
      const row = await tables(tx).selectFrom('images').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
      return row && toImage(row);
    },
    async save(tx, id, settings) {
      const row = await tables(tx)
        .updateTable('images')
        .set({ ...toRow(settings), updated_at: sql<Date>`now()` })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      await note(tx, id, 'updated', { name: settings.name });
      return toImage(row);
    },
    async setStatus(tx, id, from, to, facts) {
      const done = await tables(tx)
        .updateTable('images')
        .set({ status: to, updated_at: sql<Date>`now()`, ...(facts ? factsRow(facts) : {}) })
        .where('id', '=', id)
        .where('status', 'in', from)
        .executeTakeFirst();
      if (done.numUpdatedRows !== 1n) return false;
      await note(tx, id, 'status', { status: to });
      return true;
    },
    async setFailedImport(tx, id, stores) {
      const properties =
        stores === null
          ? sql<Image['properties']>`properties - ${failedImport}::text`
          : sql<Image['properties']>`properties || jsonb_build_object(${failedImport}::text, ${stores}::text)`;
      await tables(tx).updateTable('images').set({ properties }).where('id', '=', id).execute();
    },
    async remove(tx, id) {
      await tables(tx).deleteFrom('images').where('id', '=', id).execute();
      await note(tx, id, 'deleted', {});
    },
    async usage(projectId) {
      const { rows } = await sql<Record<string, number>>`select
          coalesce(ceil(sum(size_bytes) filter (where status in ('active', 'deactivated')) / 1048576.0), 0)::int as image_size_total,
          coalesce(ceil(sum(size_bytes) filter (where status in ('uploading', 'importing')) / 1048576.0), 0)::int as image_stage_total,
          count(*)::int as image_count_total,
          (count(*) filter (where status in ('saving', 'uploading', 'importing')))::int as image_count_uploading
        from images where owner = ${projectId}`.execute(database);
      return rows[0] ?? {};
    },
    requeueAbandoned: () =>
      database.transaction().execute(async (tx) => {
        const rows = await tables(tx)
          .updateTable('images')
          .set({ status: 'queued', updated_at: sql<Date>`now()` })
          .where('status', 'in', ['saving', 'uploading', 'importing'])
          .where(
            sql<boolean>`not exists (select from image_blobs where image_blobs.image_id = images.id and image_blobs.state in ('writing', 'staged'))`,
          )
          .returning('id')
          .execute();
        for (const { id } of rows) await note(tx, id, 'status', { status: 'queued' });
        return rows.map(({ id }) => id);
      }),
  };
}

function toRow(settings: ImageSettings) {
  return {
    name: settings.name,
    owner: settings.owner,
    visibility: settings.visibility,
    disk_format: settings.diskFormat,
    container_format: settings.containerFormat,
    min_disk: settings.minDiskGb,
    min_ram: settings.minRamMb,
    protected: settings.protected,
    hidden: settings.hidden,
    tags: settings.tags,
    properties: settings.properties,
  };
}

function factsRow(facts: DataFacts) {
  return {
    size_bytes: facts.sizeBytes,
    virtual_size_bytes: facts.virtualSizeBytes,
    checksum: facts.checksum,
    os_hash_algo: facts.osHashAlgo,
    os_hash_value: facts.osHashValue,
  };
}

export function toImage(row: ImageRow): Image {
  return {
    id: row.id,
    name: row.name,
    owner: row.owner,
    status: row.status,
    visibility: row.visibility,
    diskFormat: row.disk_format,
    containerFormat: row.container_format,
    minDiskGb: row.min_disk,
    minRamMb: row.min_ram,
    protected: row.protected,
    hidden: row.hidden,
    sizeBytes: row.size_bytes,
    virtualSizeBytes: row.virtual_size_bytes,
    checksum: row.checksum,
    osHashAlgo: row.os_hash_algo,
    osHashValue: row.os_hash_value,
    tags: row.tags,
    properties: row.properties,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
