// Lists the images that a caller may see.
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { Database } from '../database/index.ts';
import type { Caller } from '../openstack/index.ts';
import { errors } from './errors.ts';
import type { Image } from './image.ts';
import type { Comparison, ListQuery, SortKey } from './list-query.ts';
import { toImage } from './store.ts';
import type { ImageTables } from './tables.ts';

type Where = ExpressionBuilder<ImageTables, 'images'>;

/** Nulls sort as the smallest value, so that a marker can stand on one. */
const sortColumns: Readonly<Record<SortKey, Expression<unknown>>> = {
  id: sql`images.id`,
  name: sql`coalesce(images.name, '')`,
  status: sql`images.status`,
  container_format: sql`coalesce(images.container_format, '')`,
  disk_format: sql`coalesce(images.disk_format, '')`,
  size: sql`coalesce(images.size_bytes, -1)`,
  min_disk: sql`images.min_disk`,
  min_ram: sql`images.min_ram`,
  created_at: sql`images.created_at`,
  updated_at: sql`images.updated_at`,
};

/** A page of images in the query's order. Throws BadFilter when the marker is not an image that the caller sees. */
export async function listImages(database: Database, query: ListQuery, caller: Caller): Promise<Image[]> {
  const db = database.withTables<ImageTables>();
  const order = fullOrder(query.order);
  const { marker } = query;
  if (marker !== undefined) {
    const found = isUuid(marker)
      ? await db
          .selectFrom('images')
          .select('id')
          .where('id', '=', marker)
          .where((where) => mayList(where, caller, 'all', 'all'))
          .executeTakeFirst()
      : undefined;
    if (!found) throw errors.BadFilter(`Marker ${marker} could not be found.`);
  }
  let select = db
    .selectFrom('images')
    .selectAll()
    .where((where) =>
      where.and([mayList(where, caller, query.visibility, query.memberStatus), ...filters(where, query)]),
    );
  if (marker !== undefined) select = select.where(after(order, marker));
  for (const { key, dir } of order) select = select.orderBy(sortColumns[key], dir);
  const rows = await select.limit(query.limit).execute();
  return rows.map(toImage);
}

/** The asked order made total: by time of creation, then by id. */
function fullOrder(asked: ListQuery['order']): ListQuery['order'] {
  const dir = asked[0]?.dir ?? 'desc';
  const missing = (['created_at', 'id'] as const).filter((key) => !asked.some((one) => one.key === key));
  return [...asked, ...missing.map((key) => ({ key, dir }))];
}

/** Rows behind the marker: first key behind, or the same and the second behind, and so on. */
function after(order: ListQuery['order'], marker: string): Expression<SqlBool> {
  const of = (key: SortKey) => sql`(select ${sortColumns[key]} from images where images.id = ${marker})`;
  const steps = order.map(({ key, dir }, index) => {
    const same = order.slice(0, index).map((one) => sql`${sortColumns[one.key]} = ${of(one.key)}`);
    const behind = sql`${sortColumns[key]} ${sql.raw(dir === 'asc' ? '>' : '<')} ${of(key)}`;
    return sql`(${sql.join([...same, behind], sql` and `)})`;
  });
  return sql<SqlBool>`(${sql.join(steps, sql` or `)})`;
}

/** Image API v2, "Image visibility": what appears in a list without being asked for by id. */
function mayList(
  where: Where,
  caller: Caller,
  visibility: ListQuery['visibility'],
  memberStatus: ListQuery['memberStatus'],
): Expression<SqlBool> {
  const project = caller.projectId ?? '';
  const mine = where('images.owner', '=', project);
  const accepted = where.exists(
    where
      .selectFrom('image_members')
      .select('image_members.member')
      .whereRef('image_members.image_id', '=', 'images.id')
      .where('image_members.member', '=', project)
      .$if(memberStatus !== 'all', (members) =>
        members.where('image_members.status', '=', memberStatus === 'all' ? 'accepted' : memberStatus),
      ),
  );
  const shared = where.and([where('images.visibility', '=', 'shared'), accepted]);
  const admin = caller.roles.includes('admin');
  const reach = admin
    ? where.val(true)
    : where.or([mine, where('images.visibility', 'in', ['public', 'community']), shared]);
  if (visibility === undefined)
    return where.and([reach, where.or([mine, where('images.visibility', '!=', 'community')])]);
  if (visibility === 'all') return where.and([reach]);
  return where.and([reach, where('images.visibility', '=', visibility)]);
}

const operators: Readonly<Record<Comparison, string>> = { gt: '>', gte: '>=', lt: '<', lte: '<=', eq: '=', neq: '!=' };

function filters(where: Where, query: ListQuery): Expression<SqlBool>[] {
  const all: Expression<SqlBool>[] = [];
  if (query.hidden !== 'all') all.push(where('images.hidden', '=', query.hidden));
  if (query.ids) all.push(where('images.id', 'in', nonEmpty(query.ids.filter(isUuid))));
  if (query.names) all.push(where('images.name', 'in', query.names));
  if (query.statuses) all.push(where('images.status', 'in', query.statuses));
  if (query.containerFormats) all.push(where('images.container_format', 'in', query.containerFormats));
  if (query.diskFormats) all.push(where('images.disk_format', 'in', query.diskFormats));
  if (query.owner !== undefined) all.push(where('images.owner', '=', query.owner));
  if (query.checksum !== undefined) all.push(where('images.checksum', '=', query.checksum));
  if (query.osHashValue !== undefined) all.push(where('images.os_hash_value', '=', query.osHashValue));
  if (query.protected !== undefined) all.push(where('images.protected', '=', query.protected));
  if (query.sizeBytes !== undefined) all.push(where('images.size_bytes', '=', query.sizeBytes));
  if (query.sizeMin !== undefined) all.push(where('images.size_bytes', '>=', query.sizeMin));
  if (query.sizeMax !== undefined) all.push(where('images.size_bytes', '<=', query.sizeMax));
  if (query.minDisk !== undefined) all.push(sql<SqlBool>`images.min_disk = ${query.minDisk}::bigint`);
  if (query.minRam !== undefined) all.push(sql<SqlBool>`images.min_ram = ${query.minRam}::bigint`);
  if (query.tags.length > 0) all.push(sql<SqlBool>`images.tags @> ${[...query.tags]}::text[]`);
  for (const { column, comparison, at } of query.times)
    all.push(
      sql<SqlBool>`date_trunc('second', ${sql.ref(`images.${column}`)}) ${sql.raw(operators[comparison])} ${at}`,
    );
  for (const [name, value] of Object.entries(query.properties))
    all.push(sql<SqlBool>`images.properties ->> ${name} = ${value}`);
  return all;
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

/** `in ()` is no SQL: an id that no image has stands for the empty set. */
function nonEmpty(ids: readonly string[]): readonly string[] {
  return ids.length > 0 ? ids : ['00000000-0000-0000-0000-000000000000'];
}
