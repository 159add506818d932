// What an allocation candidate must satisfy (API reference, "Allocation candidates").

/** One group of resources; with a suffix all of them come from one provider. */
export interface RequestGroup {
  /** Empty for the group whose resources may come from several providers of a tree. */
  readonly suffix: string;
  /** Resource class -> amount. Empty: a resourceless group, which only places a provider. */
  readonly resources: ReadonlyMap<string, number>;
  /** All of these sets must be met, each by any of its traits. */
  readonly required: readonly ReadonlySet<string>[];
  readonly forbidden: ReadonlySet<string>;
  /** All of these sets must be met, each by any of its aggregates. */
  readonly memberOf: readonly ReadonlySet<string>[];
  readonly notMemberOf: ReadonlySet<string>;
  /** Only providers of the tree that holds this provider. */
  readonly inTree?: string;
}

export interface CandidateQuery {
  readonly groups: readonly RequestGroup[];
  /** `isolate`: groups with a suffix come from different providers. */
  readonly groupPolicy: 'none' | 'isolate';
  readonly rootRequired: ReadonlySet<string>;
  readonly rootForbidden: ReadonlySet<string>;
  /** Each a set of suffixes whose providers all lie below one of them. */
  readonly sameSubtrees: readonly ReadonlySet<string>[];
  readonly limit?: number;
  /** False before microversion 1.29: not more than one provider of any tree. */
  readonly nested: boolean;
}
