// What an authentication method has proven when it succeeds.
import type { UserRow } from '../store.ts';
import type { Claims } from '../token/claims.ts';
import type { TokenContext } from '../token/context.ts';

export interface Proof {
  readonly user: UserRow;
  readonly methods: readonly string[];
  /** The token that was shown: the new one joins its chain and ends with it. */
  readonly from?: TokenContext;
  /** A scope that the method itself brings (application credentials). */
  readonly claims?: Partial<Pick<Claims, 'scope' | 'applicationCredentialId' | 'expiresAt'>>;
}
