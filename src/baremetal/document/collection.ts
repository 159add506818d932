// The handlers that bare metal's smaller collections share; each collection is a description of itself.
import type { TSchema } from '@sinclair/typebox';
import type { RawBuilder } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import {
  type Answer,
  type ApiError,
  type ApiRequest,
  atLeast,
  describeFault,
  empty,
  json,
  violation,
} from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { patiently } from '../node/patience.ts';
import type { Parts } from '../parts.ts';
import { askedFields, type FieldTable, type RenderContext, refuseHidden, renderer, visibleFields } from './fields.ts';
import { isName, isUuid } from './names.ts';
import { detailAsked, listing, listQuery, pageOf } from './paging.ts';
import { applyPatch, given, type PatchOperation, type PatchRules, refuseUneditable } from './patch.ts';
import { type Collection, findRow, listRows, type RowOf, removeRow } from './rows.ts';

export interface CollectionSpec<Name extends Collection, New, Edited> {
  readonly table: Name;
  /** Key of the list in answers. */
  readonly list: string;
  /** Below the service's path: `/v1/ports`. */
  readonly path: string;
  /** Are rows found by name too? A microversion: from that one on. */
  readonly named: boolean | string;
  /** First microversion with a `fields` query. */
  readonly fieldsSince?: string;
  /** First microversion with a `detail` query; default 1.43. */
  readonly detailSince?: string;
  readonly fields: FieldTable<RowOf<Name>>;
  readonly listFields: readonly string[];
  readonly sortable: readonly string[];
  readonly patch: PatchRules;
  /** The editable part of a document; types of a patched one. */
  readonly edited: TSchema;
  readonly notFound: (ident: string) => ApiError;
  /** The names that `filters` reads of a query. */
  readonly asks?: readonly string[];
  /** Conditions of a list, from its query. */
  readonly filters: (parts: Parts, request: ApiRequest) => Promise<RawBuilder<boolean>[]>;
  /** Throws when the caller may not list, or do `action` to the row; answers further conditions of a list. */
  readonly mayList: (request: ApiRequest) => RawBuilder<boolean>[];
  /** Where the rules need no row, `enforceFirst` stands instead: a no then tells nothing of what is there. */
  readonly enforceFirst?: (request: ApiRequest, action: 'get' | 'update' | 'delete') => void;
  readonly enforce?: (
    parts: Parts,
    request: ApiRequest,
    action: 'get' | 'update' | 'delete',
    row: RowOf<Name>,
    /** Of an update; fields may have rules of their own. */
    patch: readonly PatchOperation[],
  ) => Promise<void>;

  /** Takes from a document what this caller may not read. */
  readonly redact?: (request: ApiRequest, document: Record<string, unknown>) => void;
  readonly insert: (parts: Parts, tx: Transaction, body: New, request: ApiRequest) => Promise<RowOf<Name>>;
  readonly write: (
    parts: Parts,
    tx: Transaction,
    before: RowOf<Name>,
    edited: Edited,
    request: ApiRequest<unknown, unknown>,
  ) => Promise<RowOf<Name>>;
  /** Throws when the row is in use. */
  readonly mayRemove: (parts: Parts, tx: Transaction, row: RowOf<Name>) => Promise<void>;
}

/** Where a list stands below another resource: the conditions that follow, and its path. */
export interface Within {
  readonly filters: readonly RawBuilder<boolean>[];
  readonly path: string;
}

export function collectionHandlers<Name extends Collection, New, Edited>(
  parts: Parts,
  spec: CollectionSpec<Name, New, Edited>,
) {
  const { database } = parts;
  type Row = RowOf<Name>;
  const changing = <Result>(change: (tx: Transaction) => Promise<Result>) =>
    patiently(() => database.transaction().execute(change));

  function contextOf({ context }: Pick<ApiRequest, 'context'>): RenderContext {
    return { baseUrl: context.baseUrl, version: context.microversion, host: parts.host };
  }
  function rendererOf(request: ApiRequest, names: readonly string[]) {
    const render = renderer(spec.fields, names, contextOf(request));
    return (row: Row) => {
      const document = render(row);
      spec.redact?.(request, document);
      return document;
    };
  }
  function shown(request: ApiRequest, row: Row, names?: readonly string[]): Record<string, unknown> {
    return rendererOf(request, names ?? visibleFields(spec.fields, request.context.microversion))(row);
  }

  async function list(request: ApiRequest, detail: boolean, within?: Within): Promise<Answer> {
    const { search, context } = request;
    const version = context.microversion;
    const limits = spec.mayList(request);
    const names = askedFields(spec.fields, search, version, spec.fieldsSince);
    const all = detail || detailAsked(search, version, spec.detailSince) === true;
    if (all && names) throw errors.Invalid("Can't fetch a subset of fields with 'detail' set");
    refuseHidden(spec.fields, [search.get('sort_key') ?? 'uuid'], version);
    const query = listQuery(search, spec.sortable);
    if (query.marker !== undefined && !isUuid(query.marker)) throw errors.InvalidUuid(query.marker);
    const filters = [...limits, ...(within?.filters ?? []), ...(await spec.filters(parts, request))];
    const rows = await listRows(database, spec.table, filters, query, spec.notFound);
    const render = rendererOf(request, all ? visibleFields(spec.fields, version) : (names ?? spec.listFields));
    const path = within?.path ?? spec.path;
    return json(
      pageOf(spec.list, rows, query, render, {
        baseUrl: context.baseUrl,
        path: detail ? `${path}/detail` : path,
        search,
      }),
    );
  }

  async function find(
    request: ApiRequest,
    action: 'get' | 'update' | 'delete',
    patch: readonly PatchOperation[] = [],
  ): Promise<Row> {
    const ident = request.params.ident ?? '';
    const named = typeof spec.named === 'string' ? atLeast(request.context.microversion, spec.named) : spec.named;
    if (!isUuid(ident) && !(named && isName(ident)))
      throw named ? errors.InvalidIdent(ident) : errors.InvalidUuid(ident);
    spec.enforceFirst?.(request, action);
    const row = await findRow(database, spec.table, ident, { named });
    if (!row) throw spec.notFound(ident);
    await spec.enforce?.(parts, request, action, row, patch);
    return row;
  }

  return {
    /** What a list may be asked. */
    asks: [...listing, ...(spec.asks ?? [])],
    list: (request: ApiRequest) => list(request, false),
    detail: (request: ApiRequest) => list(request, true),
    listWithin: list,
    shown,

    async create(request: ApiRequest<unknown, New>): Promise<Answer> {
      if (typeof request.body === 'object' && request.body !== null) {
        refuseHidden(spec.fields, Object.keys(request.body), request.context.microversion);
      }
      const row = await changing((tx) => spec.insert(parts, tx, request.body, request));
      return json(shown(request, row), 201, { location: `${request.context.baseUrl}${spec.path}/${row.uuid}` });
    },

    async show(request: ApiRequest): Promise<Answer> {
      const names = askedFields(spec.fields, request.search, request.context.microversion, spec.fieldsSince);
      return json(shown(request, await find(request, 'get'), names));
    },

    async update(request: ApiRequest<unknown, PatchOperation[]>): Promise<Answer> {
      refuseUneditable(request.body, spec.patch);
      refuseHidden(spec.fields, given(request.body), request.context.microversion);
      const { uuid } = await find(request, 'update', request.body);
      const row = await changing(async (tx) => {
        const before = await findRow(tx, spec.table, uuid, { lock: true });
        if (!before) throw spec.notFound(uuid);
        const edited = applyPatch({ ...before }, request.body, spec.patch);
        const fault = violation(spec.edited, edited, 'body');
        if (fault) throw errors.Invalid(describeFault(fault));
        // The schema that was just checked is the declaration of Edited.
        return spec.write(parts, tx, before, edited as Edited, request);
      });
      return json(shown(request, row));
    },

    async remove(request: ApiRequest): Promise<Answer> {
      const { uuid } = await find(request, 'delete');
      await changing(async (tx) => {
        const row = await findRow(tx, spec.table, uuid, { lock: true });
        if (!row) throw spec.notFound(uuid);
        await spec.mayRemove(parts, tx, row);
        await removeRow(tx, spec.table, uuid);
      });
      return empty(204);
    },
  };
}
