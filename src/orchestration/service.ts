// The stack service: what the API and the commands ask of stacks, each change one durable operation.
import { randomUUID } from 'node:crypto';
import type { Database } from '../database/index.ts';
import { ApiError, type Caller } from '../openstack/index.ts';
import type { Operations } from '../operations/index.ts';
import { beginApply, beginRollback } from './apply/start.ts';
import { knownValues } from './apply/values.ts';
import type { Visit } from './apply/visit.ts';
import { errors } from './errors.ts';
import type { Graph, KnownValues } from './graph/index.ts';
import type { LiveType } from './resources/live/contract.ts';
import { type AdoptedResource, insertAdopted } from './stack/adoption.ts';
import { answerConstraints, type ConstraintQuestions } from './stack/constraints.ts';
import type { GraphSource } from './stack/graph-source.ts';
import type { StackInputs } from './stack/inputs.ts';
import type { Secrets } from './stack/secrets.ts';
import { findStack, insertGeneration, lockRoot, resourcesOfTree, type StackRow, stackTables } from './stack/store.ts';
import { TemplateError } from './template/index.ts';

export interface StackSettings {
  readonly timeoutMins?: number | undefined;
  readonly disableRollback?: boolean | undefined;
  readonly tags?: readonly string[] | undefined;
  /** The operation that asks for it and waits for its end. */
  readonly startedBy?: string | undefined;
}

export interface StackServiceOptions {
  readonly database: Database;
  readonly operations: Operations;
  readonly graphs: GraphSource;
  readonly live: ReadonlyMap<string, LiveType>;
  readonly secrets: Secrets;
  /** What the services know now, for the constraints of templates: an unknown image is refused before anything is touched. */
  readonly questions: ConstraintQuestions;
}

export interface StackService {
  /** With `adopted`, what is in there is taken over instead of made. */
  create(
    caller: Caller,
    name: string,
    inputs: StackInputs,
    settings: StackSettings,
    adopted?: ReadonlyMap<string, AdoptedResource>,
  ): Promise<StackRow>;
  /** Moves the stack to these inputs; the same inputs converge it again. */
  update(
    caller: Caller,
    stack: StackRow,
    inputs: StackInputs,
    settings: StackSettings,
    action?: 'UPDATE' | 'RESTORE',
  ): Promise<void>;
  /** Checks, suspends or resumes what the stack has. */
  visit(caller: Caller, stack: StackRow, visit: Visit, startedBy?: string): Promise<void>;
  remove(caller: Caller, stack: StackRow, startedBy?: string): Promise<void>;
  /** Stops the apply under way: where it stands, or on the way back to the last complete generation. */
  cancel(stack: StackRow, how: { readonly rollback: boolean }): Promise<void>;
  /** Checks inputs as create would. @throws ApiError */
  check(caller: Caller, name: string, inputs: StackInputs): Promise<Graph>;
  /** The graph of a stack at its generation with every value that its resources have. */
  graph(stack: StackRow): Promise<{ graph: Graph; values: ReturnType<typeof knownValues> }>;
}

const namePattern = /^[a-zA-Z][a-zA-Z0-9_.-]{0,254}$/;

export function createStackService({
  database,
  operations,
  graphs,
  live,
  secrets,
  questions,
}: StackServiceOptions): StackService {
  async function check(caller: Caller, name: string, inputs: StackInputs): Promise<Graph> {
    const identity = { name, projectId: caller.projectId ?? '' };
    const customs = await answerConstraints(questions, caller, (listen) => graphs.check(inputs, identity, listen));
    templateErrors(() => graphs.check(inputs, identity, customs));
    const graph = templateErrors(() =>
      graphs.expand(inputs, { name, id: 'None', projectId: caller.projectId ?? '' }, undefined, customs),
    );
    for (const vertex of graph.vertices.values()) {
      if (vertex.kind === 'resource' && !live.has(vertex.implementation)) {
        throw errors.StackValidationFailed(
          `resources.${vertex.path}: resource type ${vertex.implementation} cannot be created by this server; it can create ${[...live.keys()].sort().join(', ')}`,
        );
      }
    }
    await validate(caller, graph, inputs);
    return graph;
  }

  /** What types refuse beyond their schemas. */
  async function validate(caller: Caller, graph: Graph, inputs: StackInputs): Promise<void> {
    for (const vertex of graph.vertices.values()) {
      const type = vertex.kind === 'resource' ? live.get(vertex.implementation) : undefined;
      if (!type?.validate) continue;
      const given = Object.entries(templateErrors(() => vertex.inspect(nothingMade))).flatMap(([name, property]) =>
        'value' in property ? [[name, property.value] as const] : [],
      );
      await type.validate(caller, Object.fromEntries(given), inputs);
    }
  }

  return {
    check,
    async create(caller, name, inputs, settings, adopted) {
      const action = adopted ? 'ADOPT' : 'CREATE';
      if (!namePattern.test(name)) throw errors.InvalidStackName(name);
      const projectId = caller.projectId ?? '';
      if (await findByName(database, name, projectId)) throw errors.StackExists(name);
      const graph = await check(caller, name, inputs);
      const id = randomUUID();
      return database.transaction().execute(async (tx) => {
        const inserted = await stackTables(tx)
          .insertInto('stacks')
          .values({
            id,
            root_id: id,
            parent_id: null,
            path: '',
            name,
            project_id: projectId,
            owner_id: caller.userId,
            owner_name: nameOf(caller),
            owner_roles: [...caller.roles],
            description: graph.stacks.get('')?.description ?? '',
            action,
            status: 'IN_PROGRESS',
            status_reason: `Stack ${action} started`,
            disable_rollback: settings.disableRollback ?? true,
            timeout_mins: settings.timeoutMins ?? null,
            tags: [...(settings.tags ?? [])],
            generation: 1,
            complete_generation: null,
            operation_id: null,
            updated_time: null,
            deletion_time: null,
          })
          // Two creates of one name at the same moment: the second finds the first.
          .onConflict((conflict) => conflict.doNothing())
          .returning('id')
          .executeTakeFirst();
        if (!inserted) throw errors.StackExists(name);
        await insertGeneration(tx, id, 1, inputs);
        if (adopted) await insertAdopted(tx, id, graph, adopted);
        await beginApply(operations, tx, id, {
          action,
          generation: 1,
          requestedBy: nameOf(caller),
          startedBy: settings.startedBy,
        });
        return stackTables(tx).selectFrom('stacks').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
      });
    },
    async update(caller, stack, inputs, settings, action = 'UPDATE') {
      if (stack.parent_id !== null)
        throw errors.StackValidationFailed(`Stack ${stack.name} is part of another stack; update that one`);
      if (stack.deletion_time !== null) throw errors.EntityNotFound('Stack', stack.name);
      if (stack.status === 'IN_PROGRESS') throw errors.ActionInProgress(stack.name, stack.action);
      if (stack.action === 'SUSPEND') throw errors.NotSupported('Updating a stack when it is suspended');
      const graph = await check(caller, stack.name, inputs);
      await database.transaction().execute(async (tx) => {
        const root = await lockRoot(tx, stack.id);
        if (root.status === 'IN_PROGRESS') throw errors.ActionInProgress(stack.name, root.action);
        const generation = root.generation + 1;
        await insertGeneration(tx, stack.id, generation, inputs);
        await stackTables(tx)
          .updateTable('stacks')
          .set({
            description: graph.stacks.get('')?.description ?? '',
            ...(settings.tags === undefined ? {} : { tags: [...settings.tags] }),
            ...(settings.timeoutMins === undefined ? {} : { timeout_mins: settings.timeoutMins }),
            ...(settings.disableRollback === undefined ? {} : { disable_rollback: settings.disableRollback }),
          })
          .where('id', '=', stack.id)
          .execute();
        await beginApply(operations, tx, stack.id, {
          action,
          generation,
          requestedBy: nameOf(caller),
          startedBy: settings.startedBy,
        });
      });
    },
    async visit(caller, stack, visit, startedBy) {
      if (stack.parent_id !== null)
        throw errors.StackValidationFailed(`Stack ${stack.name} is part of another stack; act on that one`);
      await database.transaction().execute(async (tx) => {
        const root = await lockRoot(tx, stack.id);
        if (root.deletion_time !== null) throw errors.EntityNotFound('Stack', stack.name);
        if (root.status === 'IN_PROGRESS') throw errors.ActionInProgress(stack.name, root.action);
        // Suspended is suspended: a second one finds nothing to do.
        if (visit !== 'CHECK' && root.action === visit && root.status === 'COMPLETE') return;
        const { generation } = root;
        await beginApply(operations, tx, stack.id, {
          action: visit,
          generation,
          requestedBy: nameOf(caller),
          startedBy,
        });
      });
    },
    async remove(caller, stack, startedBy) {
      if (stack.parent_id !== null)
        throw errors.StackValidationFailed(`Stack ${stack.name} is part of another stack; delete that one`);
      if (stack.deletion_time !== null || (stack.action === 'DELETE' && stack.status === 'IN_PROGRESS')) return;
      const before = await database.transaction().execute(async (tx) => {
        const root = await lockRoot(tx, stack.id);
        // Two deletes at the same moment: the second finds the first at work.
        if (root.deletion_time !== null || (root.action === 'DELETE' && root.status === 'IN_PROGRESS')) return null;
        return beginApply(operations, tx, stack.id, {
          action: 'DELETE',
          generation: root.generation,
          requestedBy: nameOf(caller),
          startedBy,
        });
      });
      if (before) await operations.cancel(before, 'the stack is being deleted');
    },
    async cancel(stack, { rollback }) {
      const overtaken = await database.transaction().execute(async (tx) => {
        const root = await lockRoot(tx, stack.id);
        const cancellable = rollback ? ['UPDATE'] : ['CREATE', 'UPDATE', 'ROLLBACK'];
        if (root.status !== 'IN_PROGRESS' || !cancellable.includes(root.action))
          throw errors.CancelNotSupported(rollback, `${root.action}_${root.status}`);
        // Its operation ends as cancelled, which stops the stack where it stands.
        if (!rollback) return root.operation_id;
        return beginRollback(operations, tx, root, 'the update was cancelled by request');
      });
      if (overtaken) await operations.cancel(overtaken, 'cancelled by request');
    },
    async graph(stack) {
      const root = stack.parent_id === null ? stack : ((await findStack(database, stack.root_id, undefined)) ?? stack);
      const resources = new Map((await resourcesOfTree(database, root.id)).map((row) => [row.path, row]));
      const values = knownValues(resources, (path) => resources.get(path)?.status === 'COMPLETE', secrets);
      return { graph: await graphs.ofStack(database, root, values), values };
    },
  };
}

const nothingMade: KnownValues = { reference: () => undefined, attribute: () => undefined };

const nameOf = (caller: Caller) => caller.userName ?? caller.userId;

async function findByName(database: Database, name: string, projectId: string): Promise<boolean> {
  const row = await stackTables(database)
    .selectFrom('stacks')
    .select('id')
    .where('name', '=', name)
    .where('project_id', '=', projectId)
    .where('parent_id', 'is', null)
    .where('deletion_time', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Runs `read` and turns a template's error into the fault Heat answers. */
export function templateErrors<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw asApiError(error);
  }
}

function asApiError(error: unknown): unknown {
  if (!(error instanceof TemplateError)) return error;
  return new ApiError(error.type, error.http, wireMessage(error), '', undefined, { cause: error });
}

/** Clients know the message of a failed validation as it leaves an engine: kind and place each end in two colons. */
function wireMessage({ type, error, path, reason, message }: TemplateError): string {
  if (type !== 'StackValidationFailed' || (error === '' && path.length === 0)) return message;
  const place = message.slice(error === '' ? 0 : error.length + 2, message.length - reason.length - 2);
  return [error, place].filter((part) => part !== '').reduceRight((rest, part) => `${part}: : ${rest}`, reason);
}
