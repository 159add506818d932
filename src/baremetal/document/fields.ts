// Fields of API documents as tables: which microversion shows a field, how it is made from its row.
import { atLeast, type Microversion } from '../../openstack/index.ts';
import { errors } from '../errors.ts';

/** What rendering needs besides the row. */
export interface RenderContext {
  /** Host, port and service path, for links. */
  readonly baseUrl: string;
  readonly version: Microversion;
  /** The process that answers; what Ironic calls a node's conductor. */
  readonly host: string;
}

export interface Field<Row> {
  /** First microversion that shows it; absent: the first of all. */
  readonly since?: string;
  readonly render: (row: Row, context: RenderContext) => unknown;
  /** False: it can not be asked for by name. */
  readonly selectable?: boolean;
}

export type FieldTable<Row> = Readonly<Record<string, Field<Row>>>;

export type Renderer<Row> = (row: Row) => Record<string, unknown>;

/** Names of the fields that `version` has. */
export function visibleFields<Row>(table: FieldTable<Row>, version: Microversion): string[] {
  return Object.keys(table).filter((name) => isVisible(table, name, version));
}

export function isVisible<Row>(table: FieldTable<Row>, name: string, version: Microversion): boolean {
  const field = table[name];
  return field !== undefined && (field.since === undefined || atLeast(version, field.since));
}

/** Renders the named fields that the version has; `links` always come last. */
export function renderer<Row>(table: FieldTable<Row>, names: readonly string[], context: RenderContext): Renderer<Row> {
  const chosen = Object.entries(table).filter(
    ([name]) => names.includes(name) && isVisible(table, name, context.version),
  );
  return (row) => {
    const document: Record<string, unknown> = {};
    for (const [name, field] of chosen) document[name] = field.render(row, context);
    return document;
  };
}

/**
 * The fields that a `fields=` query asks for. Throws 406 where the version has no such query, 400 for names that do not
 * exist, 406 for names that the version does not have. Links are always part of the answer.
 */
export function askedFields<Row>(
  table: FieldTable<Row>,
  search: URLSearchParams,
  version: Microversion,
  since = '1.8',
): string[] | undefined {
  const given = search.getAll('fields').flatMap((text) => text.split(','));
  if (given.length === 0) return undefined;
  if (!atLeast(version, since)) {
    throw errors.NotAcceptable(`Choosing fields needs microversion ${since} or newer.`);
  }
  const names = given.map((name) => name.trim()).filter((name) => name !== '');
  const unknown = names.filter((name) => !Object.hasOwn(table, name) || table[name]?.selectable === false);
  if (unknown.length > 0) throw errors.Invalid(`Field(s) "${unknown.join(', ')}" are not valid.`);
  const hidden = names.filter((name) => !isVisible(table, name, version));
  if (hidden.length > 0) {
    throw errors.NotAcceptable(
      `Field(s) "${hidden.join(', ')}" need a newer microversion than ${version.major}.${version.minor}.`,
    );
  }
  return [...new Set([...names, 'links'])];
}

/** Refuses names in a request that its microversion does not have, so that nothing is set unseen. */
export function refuseHidden<Row>(table: FieldTable<Row>, names: Iterable<string>, version: Microversion): void {
  for (const name of names) {
    if (Object.hasOwn(table, name) && !isVisible(table, name, version)) {
      throw errors.NotAcceptable(
        `Field "${name}" needs microversion ${table[name]?.since}, and the request has ${version.major}.${version.minor}.`,
      );
    }
  }
}

/** ISO 8601 with an offset, as Python writes it: `2016-08-18T22:28:48.643000+00:00`. */
export function time(date: Date | null): string | null {
  return date === null ? null : `${date.toISOString().slice(0, -1)}+00:00`;
}

/** `self` and `bookmark` links of a document. */
export function links(context: Pick<RenderContext, 'baseUrl'>, path: string): { href: string; rel: string }[] {
  return [
    { href: `${context.baseUrl}/v1/${path}`, rel: 'self' },
    { href: `${context.baseUrl}/${path}`, rel: 'bookmark' },
  ];
}
