// What every source of metadata offers.
import type { Json } from '../../parse.ts';

export interface Source {
  readonly name: string;
  /** True when `collect` itself waits for news, so that it is called again at once. */
  readonly holdsOpen: boolean;
  /**
   * The source's present content, or 'unchanged' when it knows that nothing is new. Throws AgentError `unreachable`, `refused` or
   * `metadata`; the caller tries again later.
   */
  collect(signal: AbortSignal): Promise<Json | 'unchanged'>;
}
