// What is asked of an identity service: each workload makes its calls and tells how many they were.
import { Pool } from 'undici';

export interface Workload {
  readonly name: string;
  /** Not measured; what it returns is handed to `run`. */
  prepare?(): Promise<readonly string[]>;
  run(prepared: readonly string[]): Promise<number>;
}

export interface Workloads {
  readonly list: readonly Workload[];
  close(): Promise<void>;
}

const clients = 10;
/** Hashing a password takes a fifth of a second on either side: few are enough. */
const newUsers = 10;
const newTokens = 100;

/** `url` is that of version 3; `seconds` is how long each of the repeating workloads runs. */
export async function createWorkloads(url: string, password: string, seconds: number): Promise<Workloads> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: clients, pipelining: 1 });

  async function call(method: 'GET' | 'POST', path: string, token: string, body?: object): Promise<string> {
    const answer = await pool.request({
      method,
      path: `${pathname}${path}`,
      headers: { 'content-type': 'application/json', 'x-auth-token': admin, 'x-subject-token': token },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== (method === 'GET' ? 200 : 201))
      throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return String(answer.headers['x-subject-token'] ?? '');
  }
  const login = (identity: object, scope: object) => call('POST', '/auth/tokens', '', { auth: { identity, ...scope } });
  const byPassword = (name: string, secret: string, scope = {}) =>
    login({ methods: ['password'], password: { user: { name, domain: { id: 'default' }, password: secret } } }, scope);
  const scope = { scope: { project: { name: 'admin', domain: { id: 'default' } } } };
  let admin = '';
  admin = await byPassword('admin', password, scope);
  const byToken = () => login({ methods: ['token'], token: { id: admin } }, scope);
  const validate = (token: string) => call('GET', '/auth/tokens', token);
  // The processes of the peer read their policy at their first calls, and refuse some of those that come meanwhile.
  await Promise.allSettled(Array.from({ length: 200 }, () => validate(admin)));

  async function repeated(one: () => Promise<unknown>): Promise<number> {
    const until = performance.now() + seconds * 1000;
    let calls = 0;
    const client = async () => {
      for (; performance.now() < until; calls++) await one();
    };
    await Promise.all(Array.from({ length: clients }, client));
    return calls;
  }
  let made = 0;
  return {
    list: [
      { name: 'issue by password', run: () => repeated(() => byPassword('admin', password, scope)) },
      { name: 'issue by token', run: () => repeated(byToken) },
      { name: 'validate', run: () => repeated(() => validate(admin)) },
      {
        name: 'validate a new token',
        prepare: () => Promise.all(Array.from({ length: newTokens }, byToken)),
        run: async (tokens) => (await Promise.all(tokens.map(validate))).length,
      },
      {
        name: 'first login of a user',
        async prepare() {
          const names = Array.from({ length: newUsers }, () => `user-${made++}`);
          for (const name of names)
            await call('POST', '/users', '', { user: { name, domain_id: 'default', password: name } });
          return names;
        },
        run: async (names) => (await Promise.all(names.map((name) => byPassword(name, name)))).length,
      },
    ],
    close: () => pool.close(),
  };
}
