// What rules mean: oslo.policy's checks against callers and targets.
import { expect, test } from 'vitest';
import { createEnforcer } from './enforcer.ts';

const reader = { userId: 'u', roles: ['reader'], projectId: 'p' };

test.each([
  ['role:reader and project_id:%(owner)s', { owner: 'p' }, true],
  ['role:reader and project_id:%(owner)s', { owner: 'q' }, false],
  ['role:reader and project_id:%(owner)s', { owner: null }, false],
  ['True:%(public)s', { public: 'True' }, true],
  ['True:%(public)s', { public: 'False' }, false],
  ['True:%(public)s', {}, false],
  ['system_scope:all', {}, false],
  ["'p':%(owner)s", { owner: 'p' }, true],
])('%s for %o: %s', (rule, target, passes) => {
  expect(createEnforcer({ asked: rule }).allows('asked', reader, target)).toBe(passes);
});
