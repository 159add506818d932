// The rules that can exclude a tree, in the order in which they are tried.

export type Rule =
  /** The root lacks a trait that `root_required` asks for, or has one that it forbids. */
  | 'root_trait'
  /** `in_tree` asks for another tree, or for one that does not exist. */
  | 'tree'
  /** No provider has inventory of the class at all. */
  | 'inventory'
  /** The amount is below min_unit, above max_unit or no multiple of step_size. */
  | 'units'
  /** Less is left than is asked for. */
  | 'capacity'
  | 'forbidden_trait'
  | 'required_trait'
  | 'aggregate'
  /** Each group finds providers, but not different ones as `group_policy=isolate` asks. */
  | 'group_policy'
  /** Each group finds providers, but none lies above the others as `same_subtree` asks. */
  | 'same_subtree'
  /** Each rule can be met, but not all together. */
  | 'combination';

/** The inventory that came nearest; amounts in units of the resource class. */
export interface CapacityNumbers {
  readonly requested: number;
  readonly free: number;
  readonly used: number;
  readonly total: number;
  readonly reserved: number;
  readonly allocation_ratio: number;
  readonly min_unit: number;
  readonly max_unit: number;
  readonly step_size: number;
}

/** Why one tree serves no candidate. Field names are those of the API. */
export interface Exclusion {
  readonly root_provider_uuid: string;
  readonly name: string;
  readonly rule: Rule;
  /** Suffix of the group that failed; empty for the one without. Absent when it is not one group's fault. */
  readonly group?: string;
  readonly resource_class?: string;
  /** The provider that came nearest. */
  readonly provider_uuid?: string;
  readonly numbers?: CapacityNumbers;
  readonly missing?: readonly string[];
  readonly forbidden?: readonly string[];
  /** For a person. */
  readonly reason: string;
  /** From 0 (nothing fits) towards 1 (nearly served): how far the request got in this tree. */
  readonly nearness: number;
}

export interface Explanation {
  readonly trees: number;
  /** Trees that serve the request. */
  readonly serving: readonly { readonly root_provider_uuid: string; readonly name: string }[];
  /** Rule -> how many trees it excluded. */
  readonly excluded_by: Readonly<Partial<Record<Rule, number>>>;
  readonly excluded: readonly Exclusion[];
  /** The exclusions that came nearest, nearest first. */
  readonly nearest: readonly Exclusion[];
}
