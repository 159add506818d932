// Who may do what over the introspection API: Ironic Inspector's rule names with their default expressions.
import type { PolicyRules } from '../../openstack/index.ts';

const reader = '(role:reader and system_scope:all) or role:service';
const admin = '(role:admin and system_scope:all) or role:service';

/** `strict`: only the scope of a token counts; otherwise who passed the rules of before scopes passes still. */
export function introspectionPolicy(strict: boolean): PolicyRules {
  const administrators = strict ? admin : `${admin} or rule:is_admin`;
  return {
    is_admin: 'role:admin or role:administrator or role:baremetal_admin',
    is_observer: 'role:baremetal_observer',
    'introspection:status': strict ? reader : `${reader} or rule:is_admin or rule:is_observer`,
    'introspection:start': administrators,
    'introspection:abort': administrators,
    'introspection:data': administrators,
    'introspection:reapply': administrators,
    'introspection:rule:get': administrators,
    'introspection:rule:create': administrators,
    'introspection:rule:delete': administrators,
  };
}
