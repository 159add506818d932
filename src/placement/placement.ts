// Placement as the rest of the program uses it: providers, claims and candidates, without HTTP.
import { sql } from 'kysely';
import type { Database, Transaction } from '../database/index.ts';
import type { Api } from '../openstack/index.ts';
import { placementApi } from './api.ts';
import { allocationsOf, type CandidateQuery, type ProviderAllocation, searchCandidates } from './candidate/index.ts';
import { defaultConfig, type PlacementConfig } from './config.ts';
import { errors } from './errors.ts';
import { type Explanation, explainCandidates } from './explain/index.ts';
import { ensureCustomNames, unknownNames } from './names.ts';
import { type InventoryRecord, largestAmount } from './provider/provider.ts';
import { followProviders } from './provider-index/index.ts';
import {
  type AllocationRefusal,
  createProviderRow,
  deleteAllocations,
  deleteProviderRow,
  type Executor,
  updateProviderRow,
  writeAllocations,
  writeInventory,
  writeTraits,
} from './store.ts';

/** What a caller asks of one provider tree. Amounts are in units of the resource class. */
export interface CandidateRequest {
  readonly resources: Readonly<Record<string, number>>;
  /** Traits that the providers of a candidate must have together. */
  readonly requiredTraits?: readonly string[];
  /** Traits that none of them may have. */
  readonly forbiddenTraits?: readonly string[];
  /** All of these must be met, each by any of its aggregates. */
  readonly memberOf?: readonly (readonly string[])[];
  /** Only the tree that holds this provider. */
  readonly inTree?: string;
  readonly limit?: number;
}

export interface ProviderCandidate {
  /** Root of the tree that serves the request. */
  readonly providerUuid: string;
  readonly allocations: readonly ProviderAllocation[];
}

export interface Claim {
  readonly consumerUuid: string;
  readonly projectId: string;
  readonly userId: string;
  readonly allocations: readonly ProviderAllocation[];
  /** Such as `INSTANCE`, `MIGRATION`. */
  readonly consumerType: string;
}

export type ClaimVerdict =
  | { readonly claimed: true }
  /** Nothing was written; the transaction can go on, for instance with the next candidate. */
  | { readonly claimed: false; readonly refusal: AllocationRefusal };

/** Inventory of one class; what is left out means: nothing reserved, any amount, ratio 1. */
export type InventoryRequest = { readonly total: number } & Partial<InventoryRecord>;

export interface Placement {
  readonly api: Api;
  /** Makes the provider, or brings its name and parent up to date. Throws ProviderNotFound when the parent does not exist. */
  ensureProvider(
    tx: Transaction,
    provider: { readonly uuid: string; readonly name: string; readonly parent?: string },
  ): Promise<void>;
  /**
   * Replaces the provider's whole inventory, making custom classes as needed. Throws ProviderNotFound, and InventoryInUse when
   * a class that goes has allocations.
   */
  setInventory(
    tx: Transaction,
    providerUuid: string,
    inventory: Readonly<Record<string, InventoryRequest>>,
  ): Promise<void>;
  /** Those that are neither a standard trait nor a custom one, which would be made. */
  unknownTraits(tx: Transaction, traits: readonly string[]): Promise<readonly string[]>;
  /** Replaces the provider's traits, making custom traits as needed. Throws ProviderNotFound and UnknownTrait. */
  setTraits(tx: Transaction, providerUuid: string, traits: readonly string[]): Promise<void>;
  /** Does nothing when it is gone already. Throws ProviderInUse and ProviderHasChildren. */
  removeProvider(tx: Transaction, providerUuid: string): Promise<void>;
  /** Candidates for a request, from a state that holds all that was committed before the call. */
  candidates(request: CandidateRequest): Promise<ProviderCandidate[]>;
  /** Takes what a candidate offers, if it is still there when the providers are locked. The consumer must be new. */
  claim(tx: Transaction, claim: Claim): Promise<ClaimVerdict>;
  /** Frees all that a consumer holds; false when it held nothing. */
  release(tx: Transaction, consumerUuid: string): Promise<boolean>;
  /** For each tree whether it serves the request or which rule excluded it first, with numbers, and the nearest misses. */
  explain(request: CandidateRequest): Promise<Explanation>;
  /** Ends the background reading of changes. */
  close(): void;
}

/** The log is long for an hour's changes; looking for old ones now and then is enough. */
const readingsPerPruning = 60;

export function createPlacement(options: {
  readonly database: Database;
  readonly config?: Partial<PlacementConfig>;
  readonly log?: { warn(message: string, detail?: unknown): void };
}): Placement {
  const { database } = options;
  const config: PlacementConfig = { ...defaultConfig, ...options.config };
  const follower = followProviders(database);
  let readings = 0;
  const readAhead = async () => {
    await follower.current();
    if (readings++ % readingsPerPruning === 0) await follower.prune();
  };
  // The next request reads again in any case.
  const inBackground = () =>
    void readAhead().catch((error: unknown) => options.log?.warn('placement: providers were not read ahead', error));
  inBackground();
  const timer = setInterval(inBackground, config.backgroundReadMs);
  timer.unref();

  return {
    api: placementApi({ database, follower, config }),
    ensureProvider: (tx, provider) => ensureProvider(tx, provider),
    async setInventory(tx, providerUuid, inventory) {
      await ensureNames(tx, 'placement_resource_classes', Object.keys(inventory));
      const records = Object.fromEntries(Object.entries(inventory).map(([name, asked]) => [name, recordOf(asked)]));
      const answer = await writeInventory(tx, providerUuid, null, records, true);
      if (answer.outcome === 'conflict') throw errors.ProviderNotFound(providerUuid);
      if (answer.outcome === 'in_use') throw errors.InventoryInUse(answer.classes.join(', '), providerUuid);
    },
    unknownTraits: (tx, traits) =>
      unknownNames(
        tx,
        'placement_traits',
        traits.filter((name) => !name.startsWith('CUSTOM_')),
      ),
    async setTraits(tx, providerUuid, traits) {
      await ensureNames(tx, 'placement_traits', traits);
      if ((await writeTraits(tx, providerUuid, null, traits)) === 'conflict')
        throw errors.ProviderNotFound(providerUuid);
    },
    async removeProvider(tx, providerUuid) {
      const outcome = await deleteProviderRow(tx, providerUuid);
      if (outcome === 'in_use') throw errors.ProviderInUse(providerUuid);
      if (outcome === 'parent') throw errors.ProviderHasChildren(providerUuid);
    },
    async candidates(request) {
      const found = await searchCandidates(await follower.current(), queryOf(request), config);
      return found.candidates.map((candidate) => ({
        providerUuid: candidate.tree.root.uuid,
        allocations: allocationsOf(found.plan, candidate),
      }));
    },
    async claim(tx, claim) {
      const refusal = await writeAllocations(tx, [
        {
          uuid: claim.consumerUuid,
          projectId: claim.projectId,
          userId: claim.userId,
          consumerType: claim.consumerType,
          generation: null,
          allocations: claim.allocations,
        },
      ]);
      return refusal ? { claimed: false, refusal } : { claimed: true };
    },
    release: (tx, consumerUuid) => deleteAllocations(tx, consumerUuid),
    async explain(request) {
      return explainCandidates(await follower.current(), queryOf(request));
    },
    close: () => clearInterval(timer),
  };
}

async function ensureProvider(
  tx: Transaction,
  { uuid, name, parent }: { readonly uuid: string; readonly name: string; readonly parent?: string },
): Promise<void> {
  const found = await sql<{ name: string; parent: string | null }>`select p.name, parent.uuid as parent
    from placement_providers p left join placement_providers parent on parent.id = p.parent_id
    where p.uuid = ${uuid} for update of p`.execute(tx);
  const [held] = found.rows;
  if (!held) {
    const root = await createProviderRow(tx, uuid, name, parent ?? null);
    if (root === undefined) throw errors.ProviderNotFound(parent ?? '');
    return;
  }
  if (held.name === name && held.parent === (parent ?? null)) return;
  if ((await updateProviderRow(tx, uuid, name, parent ?? null, true)) !== 'updated')
    throw errors.ProviderNotFound(parent ?? uuid);
}

/** Makes custom names; standard names exist. Throws UnknownTrait or UnknownResourceClass. */
async function ensureNames(
  tx: Executor,
  table: 'placement_resource_classes' | 'placement_traits',
  names: readonly string[],
): Promise<void> {
  if ((await unknownNames(tx, table, names)).length === 0) return;
  await ensureCustomNames(tx, table, names);
  const unknown = (await unknownNames(tx, table, names)).join(', ');
  if (unknown === '') return;
  throw table === 'placement_traits' ? errors.UnknownTrait(unknown) : errors.UnknownResourceClass(unknown);
}

function recordOf(asked: InventoryRequest): InventoryRecord {
  return {
    total: asked.total,
    reserved: asked.reserved ?? 0,
    minUnit: asked.minUnit ?? 1,
    maxUnit: asked.maxUnit ?? largestAmount,
    stepSize: asked.stepSize ?? 1,
    allocationRatio: asked.allocationRatio ?? 1,
  };
}

function queryOf(request: CandidateRequest): CandidateQuery {
  return {
    groups: [
      {
        suffix: '',
        resources: new Map(Object.entries(request.resources)),
        required: (request.requiredTraits ?? []).map((trait) => new Set([trait])),
        forbidden: new Set(request.forbiddenTraits),
        memberOf: (request.memberOf ?? []).map((any) => new Set(any)),
        notMemberOf: new Set(),
        ...(request.inTree === undefined ? {} : { inTree: request.inTree }),
      },
    ],
    groupPolicy: 'none',
    rootRequired: new Set(),
    rootForbidden: new Set(),
    sameSubtrees: [],
    ...(request.limit === undefined ? {} : { limit: request.limit }),
    nested: true,
  };
}
