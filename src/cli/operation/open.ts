// The operations that are not over.
import type { ApiJson, Client } from '../client/index.ts';

/** Those in these states, the newest first within each; no more than a person reads of any. */
export async function operationsIn(client: Client, states: readonly string[]): Promise<ApiJson[]> {
  const answers = await Promise.all(states.map((state) => client.get('operations', `?state=${state}&limit=1000`)));
  return answers.flatMap(({ operations }) => operations);
}
