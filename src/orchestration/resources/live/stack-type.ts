// OS::Heat::Stack: another stack of this region, with a life and a name of its own.
import type { Database } from '../../../database/index.ts';
import { ApiError, type Caller } from '../../../openstack/index.ts';
import { type Json, type OperationContext, OperationFailed, OperationParked } from '../../../operations/index.ts';
import { errors } from '../../errors.ts';
import type { StackService } from '../../service.ts';
import type { StackInputs } from '../../stack/inputs.ts';
import { findStack, inputsOf, type StackRow } from '../../stack/store.ts';
import type { DurableType, Properties, ResourcePlace, ResourceState } from './contract.ts';
import { ownerOf } from './owner.ts';
import { physicalName } from './value-types.ts';

const dayMs = 24 * 3_600_000;
const map = (value: unknown): Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

export function stackType(database: Database, stacks: StackService, region: string): DurableType {
  /** Template and parameters are the resource's, files and environment those of the stack around it. */
  async function inputs(place: ResourcePlace, properties: Properties): Promise<StackInputs> {
    const root = await findStack(database, place.rootId, undefined);
    const around = root && (await inputsOf(database, root.id, root.generation));
    return {
      template: properties.template,
      environment: around?.environment ?? {},
      environmentFiles: around?.environmentFiles ?? [],
      files: around?.files ?? {},
      parameters: map(properties.parameters),
    };
  }

  async function find(place: ResourcePlace, id: string): Promise<StackRow> {
    const stack = await findStack(database, id, place.projectId);
    if (!stack || stack.deletion_time !== null) throw new OperationFailed(`stack ${id} could not be found`, '');
    return stack;
  }

  async function stateOf(place: ResourcePlace, id: string): Promise<ResourceState & Json> {
    const stack = await find(place, id);
    const { graph, values } = await stacks.graph(stack);
    const outputs = [...(graph.stacks.get('')?.outputs.values() ?? [])].map((output) => [
      output.name,
      output.value(values),
    ]);
    return { physicalId: stack.id, attributes: { stack_name: stack.name, outputs: Object.fromEntries(outputs) } };
  }

  /** Starts work on the stack, waits for its end and reads what the stack answers then. */
  async function through(
    operation: OperationContext,
    place: ResourcePlace,
    what: string,
    start: (caller: Caller, by: string) => Promise<{ readonly id: string; readonly operationId: string | null }>,
  ): Promise<{ id: string }> {
    const started = await operation.step(`${what} the stack`, () => start(ownerOf(place), operation.operation.id));
    if (started.operationId !== null) {
      const end = await operation.outcomeOf(started.operationId, `waiting for the stack to ${what}`);
      if (end.state !== 'done') {
        const { cause, hint } = end.failure;
        throw end.state === 'parked' ? new OperationParked(cause, hint) : new OperationFailed(cause, hint);
      }
    }
    return { id: started.id };
  }

  /** The operation that works on it now: the one just started, also after a crash between start and journal. */
  const working = async (place: ResourcePlace, id: string) => {
    const stack = await findStack(database, id, place.projectId);
    return { id, operationId: stack?.operation_id ?? null };
  };

  const visiting =
    (visit: 'SUSPEND' | 'RESUME'): NonNullable<DurableType['suspend']> =>
    async (operation, place, before) => {
      await through(operation, place, visit.toLowerCase(), async (caller, by) => {
        const stack = await find(place, before.physicalId);
        if (stack.action !== visit) await stacks.visit(caller, stack, visit, by);
        return working(place, stack.id);
      });
      return before;
    };

  return {
    kind: 'durable',
    deadlineMs: dayMs,
    async validate(caller, properties, inputs) {
      const { region_name: wanted, credential_secret_id: credential } = map(properties.context);
      if (typeof wanted === 'string' && wanted !== region) throw errors.RegionUnknown(wanted);
      // Other clouds are other programs, whose credentials this one does not keep.
      if (typeof credential === 'string') throw errors.NotSupported('credential_secret_id of OS::Heat::Stack');
      const { template, parameters } = properties;
      if (template === undefined) return;
      try {
        await stacks.check(caller, 'inner', { ...inputs, template, parameters: map(parameters) });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        throw errors.InnerStackInvalid(region, error.message);
      }
    },
    async create(operation, place, properties) {
      const name = physicalName(place);
      const { id } = await through(operation, place, 'create', async (caller, by) => {
        const made = await findStack(database, name, place.projectId);
        if (made) return working(place, made.id);
        const timeout = typeof properties.timeout === 'number' ? { timeoutMins: properties.timeout } : {};
        const stack = await stacks.create(caller, name, await inputs(place, properties), { ...timeout, startedBy: by });
        return { id: stack.id, operationId: stack.operation_id };
      });
      return operation.step('read the stack', () => stateOf(place, id));
    },
    async update(operation, place, properties, before) {
      const { id } = await through(operation, place, 'update', async (caller, by) => {
        const stack = await find(place, before.physicalId);
        if (stack.status !== 'IN_PROGRESS')
          await stacks.update(caller, stack, await inputs(place, properties), { startedBy: by });
        return working(place, stack.id);
      });
      return operation.step('read the stack', () => stateOf(place, id));
    },
    check: (operation, place, before) =>
      operation.step('look at the stack', async () => {
        const stack = await find(place, before.physicalId);
        if (stack.status === 'FAILED')
          throw new OperationFailed(`stack ${stack.name} is ${stack.action}_FAILED`, stack.status_reason);
        return stateOf(place, stack.id);
      }),
    suspend: visiting('SUSPEND'),
    resume: visiting('RESUME'),
    async delete(operation, place, before) {
      await through(operation, place, 'delete', async (caller, by) => {
        const id = before.physicalId === '' ? physicalName(place) : before.physicalId;
        const stack = await findStack(database, id, place.projectId);
        if (!stack || stack.deletion_time !== null) return { id, operationId: null };
        await stacks.remove(caller, stack, by);
        return working(place, stack.id);
      });
    },
  };
}
