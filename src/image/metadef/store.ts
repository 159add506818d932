// Metadata definitions in the database.
import { type Generated, type Selectable, sql } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';

export type DefinitionKind = 'property' | 'object' | 'tag';

export type MetadefTables = {
  metadef_namespaces: {
    id: Generated<number>;
    namespace: string;
    display_name: string | null;
    description: string | null;
    visibility: 'public' | 'private';
    protected: boolean;
    owner: string | null;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  metadef_definitions: {
    namespace_id: number;
    kind: DefinitionKind;
    name: string;
    definition: Readonly<Record<string, unknown>>;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  metadef_resource_types: { name: string; created_at: Generated<Date>; updated_at: Generated<Date> };
  metadef_associations: {
    namespace_id: number;
    resource_type: string;
    prefix: string | null;
    properties_target: string | null;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
};

export type Namespace = Selectable<MetadefTables['metadef_namespaces']>;
export type NamespaceSettings = Omit<Namespace, 'id' | 'created_at' | 'updated_at'>;
export type Definition = Selectable<MetadefTables['metadef_definitions']>;
export type Association = Selectable<MetadefTables['metadef_associations']>;
export type ResourceType = Selectable<MetadefTables['metadef_resource_types']>;

export interface Named {
  readonly name: string;
  readonly definition: Readonly<Record<string, unknown>>;
}

export interface MetadefStore {
  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /** All that `projectId` may see; every one when it is null. */
  namespaces(projectId: string | null): Promise<Namespace[]>;
  namespace(name: string): Promise<Namespace | undefined>;
  /** Undefined when the name is taken. */
  addNamespace(tx: Transaction, settings: NamespaceSettings): Promise<Namespace | undefined>;
  /** Undefined when the new name is taken. */
  changeNamespace(id: number, settings: NamespaceSettings): Promise<Namespace | undefined>;
  removeNamespace(id: number): Promise<void>;
  definitions(namespaceId: number, kind: DefinitionKind): Promise<Definition[]>;
  definition(namespaceId: number, kind: DefinitionKind, name: string): Promise<Definition | undefined>;
  /** Undefined when the name is taken. */
  addDefinition(
    tx: Transaction,
    namespaceId: number,
    kind: DefinitionKind,
    named: Named,
  ): Promise<Definition | undefined>;
  /** `missing` when there is none of this name, `taken` when there is one of the new name. */
  changeDefinition(
    namespaceId: number,
    kind: DefinitionKind,
    name: string,
    named: Named,
  ): Promise<Definition | 'missing' | 'taken'>;
  /** One, or all of the kind; how many there were. */
  removeDefinitions(tx: Transaction, namespaceId: number, kind: DefinitionKind, name?: string): Promise<number>;
  resourceTypes(): Promise<ResourceType[]>;
  associations(namespaceIds: readonly number[]): Promise<Association[]>;
  /** Undefined when they are associated already. The resource type is made when missing. */
  associate(
    tx: Transaction,
    association: Pick<Association, 'namespace_id' | 'resource_type' | 'prefix' | 'properties_target'>,
  ): Promise<Association | undefined>;
  dissociate(namespaceId: number, resourceType: string): Promise<boolean>;
}

export function createMetadefStore(database: Database): MetadefStore {
  const db = database.withTables<MetadefTables>();
  const tables = (tx: Transaction) => tx.withTables<MetadefTables>();
  const ofKind = (namespaceId: number, kind: DefinitionKind) =>
    db.selectFrom('metadef_definitions').selectAll().where('namespace_id', '=', namespaceId).where('kind', '=', kind);

  return {
    transaction: (work) => database.transaction().execute(work),
    namespaces: (projectId) =>
      db
        .selectFrom('metadef_namespaces')
        .selectAll()
        .$if(projectId !== null, (query) =>
          query.where(({ or, eb }) => or([eb('visibility', '=', 'public'), eb('owner', '=', projectId)])),
        )
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .execute(),
    namespace: (name) =>
      db.selectFrom('metadef_namespaces').selectAll().where('namespace', '=', name).executeTakeFirst(),
    addNamespace: (tx, settings) =>
      tables(tx)
        .insertInto('metadef_namespaces')
        .values(settings)
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst(),
    changeNamespace: (id, settings) =>
      unlessTaken(
        db
          .updateTable('metadef_namespaces')
          .set({ ...settings, updated_at: sql<Date>`now()` })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst(),
      ),
    async removeNamespace(id) {
      await db.deleteFrom('metadef_namespaces').where('id', '=', id).execute();
    },
    definitions: (namespaceId, kind) => ofKind(namespaceId, kind).orderBy('created_at').orderBy('name').execute(),
    definition: (namespaceId, kind, name) => ofKind(namespaceId, kind).where('name', '=', name).executeTakeFirst(),
    addDefinition: (tx, namespaceId, kind, { name, definition }) =>
      tables(tx)
        .insertInto('metadef_definitions')
        .values({ namespace_id: namespaceId, kind, name, definition })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst(),
    async changeDefinition(namespaceId, kind, name, changed) {
      const row = unlessTaken(
        db
          .updateTable('metadef_definitions')
          .set({ ...changed, updated_at: sql<Date>`now()` })
          .where('namespace_id', '=', namespaceId)
          .where('kind', '=', kind)
          .where('name', '=', name)
          .returningAll()
          .executeTakeFirst()
          .then((found) => found ?? 'missing'),
      );
      return (await row) ?? 'taken';
    },
    async removeDefinitions(tx, namespaceId, kind, name) {
      const { numDeletedRows } = await tables(tx)
        .deleteFrom('metadef_definitions')
        .where('namespace_id', '=', namespaceId)
        .where('kind', '=', kind)
        .$if(name !== undefined, (query) => query.where('name', '=', name ?? ''))
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
    resourceTypes: () => db.selectFrom('metadef_resource_types').selectAll().orderBy('name').execute(),
    async associations(namespaceIds) {
      if (namespaceIds.length === 0) return [];
      return db
        .selectFrom('metadef_associations')
        .selectAll()
        .where('namespace_id', 'in', namespaceIds)
        .orderBy('resource_type')
        .execute();
    },
    async associate(tx, association) {
      await tables(tx)
        .insertInto('metadef_resource_types')
        .values({ name: association.resource_type })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return tables(tx)
        .insertInto('metadef_associations')
        .values(association)
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst();
    },
    async dissociate(namespaceId, resourceType) {
      const { numDeletedRows } = await db
        .deleteFrom('metadef_associations')
        .where('namespace_id', '=', namespaceId)
        .where('resource_type', '=', resourceType)
        .executeTakeFirst();
      return numDeletedRows === 1n;
    },
  };
}

/** Undefined when a change broke the uniqueness of a name. */
async function unlessTaken<Row>(change: Promise<Row>): Promise<Row | undefined> {
  try {
    return await change;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '23505') return undefined;
    throw error;
  }
}
