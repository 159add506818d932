// Callers as tables of who may do what name them: a role in a project or in the whole system.
import type { Caller } from '../context.ts';

const own = 'own-project';
const caller = (userId: string, roles: readonly string[], scope: Partial<Caller>): Caller => ({
  userId,
  roles,
  ...scope,
});
const manager = ['manager', 'member', 'reader'];
const member = ['member', 'reader'];

export const personas = {
  admin: caller('admin', ['admin', ...manager], { projectId: 'admin-project' }),
  manager: caller('manager', manager, { projectId: own }),
  member: caller('member', member, { projectId: own }),
  reader: caller('reader', ['reader'], { projectId: own }),
  service: caller('service', ['service'], { projectId: 'service-project' }),
  /** A member of another project. */
  outsider: caller('outsider', member, { projectId: 'other-project' }),
  systemReader: caller('system-reader', ['reader'], { systemScope: 'all' }),
  /** In the project, without a role that says anything. */
  guest: caller('guest', ['guest'], { projectId: own }),
} satisfies Record<string, Caller>;
export type Persona = keyof typeof personas;
export const personaNames = Object.keys(personas).filter((name): name is Persona => Object.hasOwn(personas, name));
/** The project whose things the tables are about. */
export const ownProject = own;

/** A line of such a table: method, path and body, and the statuses in the order of `personas`. */
export type Access = readonly [method: string, path: string, body: unknown, statuses: string];

/** Every line for every persona. */
export function cases(table: readonly Access[]) {
  return table.flatMap(([method, path, body, statuses]) => {
    const expected = statuses.split(' ').map(Number);
    if (expected.length !== personaNames.length) throw new Error(`${method} ${path} has ${expected.length} statuses`);
    return personaNames.map((persona, index) => ({ persona, method, path, body, expected: expected[index] ?? 0 }));
  });
}
