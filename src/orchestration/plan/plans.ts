// Plans: made from inputs, stored with a digest, applied only while what they were made from has not moved.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Fitting } from '../../compute/index.ts';
import type { Database } from '../../database/index.ts';
import type { Caller } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { StackService, StackSettings } from '../service.ts';
import { digestOf, type StackInputs } from '../stack/inputs.ts';
import { findStack, resourcesOfTree, type StackRow, stackTables } from '../stack/store.ts';
import { type PlannedAction, type PlannedChange, type PlanSources, planChanges } from './changes.ts';

export interface PlannedMachines {
  /** Servers that need a machine, by path in the graph. */
  readonly servers: readonly string[];
  /** Names of machines that fit, in the order in which they would be tried. */
  readonly machines: readonly string[];
  readonly passedOver: Fitting['passedOver'];
  /** What is wrong with it; empty when there are enough. */
  readonly shortage: string;
}

export interface PlanDocument {
  readonly changes: readonly Omit<PlannedChange, 'resolved'>[];
  readonly counts: Readonly<Partial<Record<PlannedAction, number>>>;
  readonly machines: readonly PlannedMachines[];
}

export interface Plan {
  readonly id: string;
  readonly stackName: string;
  readonly stackId: string | null;
  readonly digest: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly document: PlanDocument;
}

export interface PlanServiceOptions {
  readonly database: Database;
  readonly stacks: StackService;
  readonly sources: PlanSources;
  /** Which machines fit a server of this flavor and image, by the names its properties give. */
  readonly fitting: (flavor: string, image: string, caller: Caller) => Promise<Fitting>;
}

export interface PlanService {
  make(caller: Caller, stackName: string, inputs: StackInputs, settings: StackSettings): Promise<Plan>;
  get(id: string, projectId: string): Promise<Plan>;
  /** Starts exactly what was shown. Throws PlanStale when the stack, the outcome or the time have moved. */
  apply(caller: Caller, id: string): Promise<StackRow>;
}

const validForMs = 24 * 3_600_000;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface PlanRow {
  id: string;
  stack_name: string;
  stack_id: string | null;
  base_generation: number | null;
  digest: string;
  inputs: { inputs: StackInputs; settings: StackSettings };
  document: PlanDocument;
  created_at: Date;
  expires_at: Date;
}

export function createPlanService({ database, stacks, sources, fitting }: PlanServiceOptions): PlanService {
  async function compute(
    caller: Caller,
    stackName: string,
    inputs: StackInputs,
  ): Promise<{ stack: StackRow | undefined; document: PlanDocument; digest: string }> {
    const graph = await stacks.check(caller, stackName, inputs);
    const stack = await findStack(database, stackName, caller.projectId ?? '');
    const rows = new Map((stack ? await resourcesOfTree(database, stack.id) : []).map((row) => [row.path, row]));
    const changes = planChanges(graph, rows, sources);
    const shown = changes.map(({ resolved: _resolved, ...change }) => change);
    // The digest covers what happens to the stack, not which machine happens to be free: that may change between two looks.
    const digest = digestOf({ stackName, base: stack?.generation ?? 0, changes: shown });
    return {
      stack,
      digest,
      document: { changes: shown, counts: countsOf(changes), machines: await machinesFor(changes, caller) },
    };
  }

  async function machinesFor(changes: readonly PlannedChange[], caller: Caller): Promise<PlannedMachines[]> {
    const groups = new Map<string, { flavor: string; image: string; servers: string[] }>();
    for (const change of changes) {
      if (change.type !== 'OS::Nova::Server' || (change.action !== 'create' && change.action !== 'replace')) continue;
      const flavor = String(change.resolved?.flavor ?? '');
      const image = String(change.resolved?.image ?? '');
      if (flavor === '') continue;
      const key = `${flavor}\n${image}`;
      const group = groups.get(key) ?? { flavor, image, servers: [] };
      group.servers.push(change.path);
      groups.set(key, group);
    }
    return Promise.all(
      [...groups.values()].map(async ({ flavor, image, servers }) => {
        const { machines, passedOver } = await fitting(flavor, image, caller);
        const shortage =
          machines.length >= servers.length
            ? ''
            : `${servers.length} servers of flavor ${flavor} need a machine, ${machines.length} fit now`;
        return { servers, machines: machines.map(({ name }) => name), passedOver, shortage };
      }),
    );
  }

  async function row(id: string, projectId: string): Promise<PlanRow> {
    const found = uuid.test(id)
      ? await sql<PlanRow>`select * from stack_plans where id = ${id} and project_id = ${projectId}`.execute(database)
      : undefined;
    const plan = found?.rows[0];
    if (!plan) throw errors.PlanNotFound(id);
    return plan;
  }

  return {
    async make(caller, stackName, inputs, settings) {
      const { stack, document, digest } = await compute(caller, stackName, inputs);
      const id = randomUUID();
      const createdAt = new Date();
      const expiresAt = new Date(createdAt.getTime() + validForMs);
      await sql`insert into stack_plans (id, project_id, stack_name, stack_id, base_generation, digest, inputs, document, created_by, created_at, expires_at)
        values (${id}, ${caller.projectId ?? ''}, ${stackName}, ${stack?.id ?? null}, ${stack?.generation ?? null}, ${digest},
          ${JSON.stringify({ inputs, settings })}::jsonb, ${JSON.stringify(document)}::jsonb, ${caller.userId}, ${createdAt}, ${expiresAt})`.execute(
        database,
      );
      return { id, stackName, stackId: stack?.id ?? null, digest, document, createdAt, expiresAt };
    },
    async get(id, projectId) {
      return toPlan(await row(id, projectId));
    },
    async apply(caller, id) {
      const plan = await row(id, caller.projectId ?? '');
      if (plan.expires_at.getTime() < Date.now())
        throw errors.PlanStale(id, `it expired at ${plan.expires_at.toISOString()}`);
      const { inputs, settings } = plan.inputs;
      const { stack, digest } = await compute(caller, plan.stack_name, inputs);
      if ((stack?.id ?? null) !== plan.stack_id || (stack?.generation ?? null) !== plan.base_generation) {
        throw errors.PlanStale(
          id,
          `stack ${plan.stack_name} is at generation ${stack?.generation ?? 'none'}, the plan was made for ${plan.base_generation ?? 'none'}`,
        );
      }
      if (digest !== plan.digest) throw errors.PlanStale(id, 'the same inputs would now do something else');
      if (!stack) return stacks.create(caller, plan.stack_name, inputs, settings);
      await stacks.update(caller, stack, inputs, settings);
      return stackTables(database)
        .selectFrom('stacks')
        .selectAll()
        .where('id', '=', stack.id)
        .executeTakeFirstOrThrow();
    },
  };
}

function countsOf(changes: readonly PlannedChange[]): PlanDocument['counts'] {
  const counts: Partial<Record<PlannedAction, number>> = {};
  for (const { action } of changes) counts[action] = (counts[action] ?? 0) + 1;
  return counts;
}

function toPlan(row: PlanRow): Plan {
  return {
    id: row.id,
    stackName: row.stack_name,
    stackId: row.stack_id,
    digest: row.digest,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    document: row.document,
  };
}
