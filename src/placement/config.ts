// What placement can be configured by.

export interface PlacementConfig {
  /** Candidates that one request gets at the most; a longer answer is cut and says so in a `Warning` header. */
  readonly maxCandidates: number;
  /** Choices that the search for one request tries at the most, with the same warning. */
  readonly maxEffort: number;
  /** Takes trees in a random order instead of: longest unchanged first. */
  readonly randomizeCandidates: boolean;
  /** How often the index reads the log of changes while nobody asks. */
  readonly backgroundReadMs: number;
  /** Lets only system-scoped tokens in where the reference's new defaults ask for them, instead of any admin. */
  readonly enforceScope: boolean;
  /** Project and user of consumers that were written before the API asked for them (microversions 1.0 to 1.7). */
  readonly incompleteConsumerId: string;
}

export const defaultConfig: PlacementConfig = {
  maxCandidates: 50_000,
  maxEffort: 20_000_000,
  randomizeCandidates: false,
  backgroundReadMs: 10_000,
  enforceScope: false,
  incompleteConsumerId: '00000000-0000-0000-0000-000000000000',
};
