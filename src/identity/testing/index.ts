// Serves identity with real authentication for tests.
import type { Database } from '../../database/index.ts';
import { testDatabase } from '../../database/testing/index.ts';
import { serve, type TestAnswer, type TestServer } from '../../openstack/testing/index.ts';
import { createIdentity, type Identity, type IdentityOptions } from '../index.ts';

export interface TestIdentity {
  readonly database: Database;
  readonly identity: Identity;
  readonly http: TestServer;
  /** Logs in; the answer has the token in `x-subject-token`. */
  login(user: string, password: string, scope?: unknown): Promise<TestAnswer>;
  /** The header of a fresh token. Fails when the login is refused. */
  as(user: string, password: string, scope?: unknown): Promise<{ 'x-auth-token': string }>;
  drop(): Promise<void>;
}

export const adminPassword = 'correct horse';
export const adminScope = { project: { name: 'admin', domain: { id: 'default' } } };

/** scrypt at a cost for tests; everything else as in production. */
export async function testIdentity(options: Partial<IdentityOptions> = {}): Promise<TestIdentity> {
  const { database, drop } = await testDatabase();
  const identity = createIdentity({
    database,
    secret: Buffer.alloc(32, 1),
    scryptCost: { logN: 4, r: 8, p: 1 },
    ...options,
  });
  await identity.bootstrap({
    adminPassword,
    region: 'RegionOne',
    endpoints: [{ type: 'identity', name: 'keystone', url: 'http://cloud/identity' }],
  });
  const http = await serve(identity.api, { authenticate: identity.authenticate });
  const login: TestIdentity['login'] = (name, password, scope) =>
    http.post('/v3/auth/tokens', {
      auth: {
        identity: { methods: ['password'], password: { user: { name, domain: { id: 'default' }, password } } },
        ...(scope === undefined ? {} : { scope }),
      },
    });
  return {
    database,
    identity,
    http,
    login,
    async as(user, password, scope) {
      const answer = await login(user, password, scope);
      const token = answer.headers.get('x-subject-token');
      if (token === null) throw new Error(`login of ${user} was refused: ${answer.text}`);
      return { 'x-auth-token': token };
    },
    async drop() {
      await http.close();
      await drop();
    },
  };
}
