// Who may do what by default: calls, the rule that guards each, and the personas that pass it.

import type { Persona } from './personas.ts';

export interface Access {
  readonly rule: string;
  /** Method and path. `{name}` here and in the body is an id of the stage, `{self}` the caller's user, `{new:kind}` a thing made for this call. */
  readonly call: string;
  /** Personas, separated by spaces. */
  readonly passes: string;
  readonly body?: object;
  /** Whose token is asked about. */
  readonly subject?: Persona;
}

// Tokens of every scope, or of all but a domain's.
const everybody = 'sa sm sr da dg dm dr pa pg pm pr ps un';
const notDomain = 'sa sm sr pa pg pm pr ps un';
const admins = 'sa da pa';
const cloudAdmins = 'sa pa';
const cloudReaders = 'sa sm sr pa';
const domainReaders = 'sa sm sr da dg dm dr pa';
const domainManagers = 'sa da dg pa';
const named = { name: '{unique}' };

function crud(noun: string, path: string, body: object, readers = cloudReaders, writers = cloudAdmins): Access[] {
  const [many, one] = [noun.replace(/y$/, 'ie').concat('s'), `{${noun.replace('_', '-')}}`];
  return [
    { rule: `list_${many}`, call: `GET ${path}`, passes: readers },
    { rule: `get_${noun}`, call: `GET ${path}/${one}`, passes: readers },
    { rule: `create_${noun}`, call: `POST ${path}`, passes: writers, body: { [noun]: body } },
    { rule: `update_${noun}`, call: `PATCH ${path}/${one}`, passes: writers, body: { [noun]: { description: 'x' } } },
    { rule: `delete_${noun}`, call: `DELETE ${path}/{new:${noun}}`, passes: writers },
  ];
}

function grants(target: string, actor: string, passes: { read: string; write: string }): Access[] {
  const path = `${target}/${actor}/roles`;
  return [
    { rule: 'list_grants', call: `GET ${path}`, passes: passes.read },
    { rule: 'create_grant', call: `PUT ${path}/{member}`, passes: passes.write },
    { rule: 'create_grant', call: `PUT ${path}/{reader}`, passes: passes.write },
    { rule: 'check_grant', call: `GET ${path}/{reader}`, passes: passes.read },
    { rule: 'create_grant', call: `PUT ${path}/{admin}`, passes: passes.write.replace(' dg', '') },
    { rule: 'create_grant', call: `PUT ${path}/{role}`, passes: passes.write.replace(' dg', '') },
    { rule: 'revoke_grant', call: `DELETE ${path}/{member}`, passes: passes.write },
  ];
}
const ownGrants = { read: domainReaders, write: domainManagers };
const otherGrants = { read: 'sa sm sr da pa', write: admins };

function systemGrants(actor: string): Access[] {
  const path = `/system/${actor}s/{${actor}}/roles`;
  const rule = (verb: string) => `${verb}_system_grant${verb === 'list' ? 's' : ''}_for_${actor}`;
  return [
    { rule: rule('list'), call: `GET ${path}`, passes: cloudReaders },
    { rule: rule('create'), call: `PUT ${path}/{role}`, passes: cloudAdmins },
    { rule: rule('check'), call: `GET ${path}/{role}`, passes: cloudReaders },
    { rule: rule('revoke'), call: `DELETE ${path}/{role}`, passes: cloudAdmins },
  ];
}

export const access: readonly Access[] = [
  ...crud('service', '/services', { type: 'x' }),
  ...crud('endpoint', '/endpoints', { service_id: '{service}', interface: 'public', url: 'http://x' }),
  ...crud('region', '/regions', { id: '{unique}' }, everybody),
  ...crud('policy', '/policies', { type: 'text/plain', blob: 'x' }),
  ...crud('role', '/roles', named, 'sa sm sr da pa', cloudAdmins).map((one) =>
    one.rule === 'list_roles' ? { ...one, passes: 'sa sm sr da dg pa' } : one,
  ),
  { rule: 'get_role', call: 'GET /roles/{member}', passes: 'sa sm sr da dg pa pg' },
  { rule: 'get_domain_role', call: 'GET /roles/{domain-role}', passes: cloudReaders },
  { rule: 'list_domain_roles', call: 'GET /roles?domain_id={domain}', passes: cloudReaders },
  {
    rule: 'create_domain_role',
    call: 'POST /roles',
    passes: cloudAdmins,
    body: { role: { name: '{unique}', domain_id: '{domain}' } },
  },
  { rule: 'delete_domain_role', call: 'DELETE /roles/{new:domain-role}', passes: cloudAdmins },
  { rule: 'list_implied_roles', call: 'GET /roles/{admin}/implies', passes: cloudReaders },
  { rule: 'create_implied_role', call: 'PUT /roles/{role}/implies/{reader}', passes: cloudAdmins },
  { rule: 'get_implied_role', call: 'GET /roles/{role}/implies/{reader}', passes: cloudReaders },
  { rule: 'list_role_inference_rules', call: 'GET /role_inferences', passes: cloudReaders },

  ...crud('domain', '/domains', named, domainReaders, cloudAdmins).map((one) =>
    one.rule === 'get_domain' ? { ...one, call: 'GET /domains/{domain}', passes: everybody.replace(' un', '') } : one,
  ),
  { rule: 'get_domain', call: 'GET /domains/{other}', passes: 'sa sm sr da pa' },
  { rule: 'get_domain_config_default', call: 'GET /domains/config/default', passes: cloudReaders },
  {
    rule: 'create_domain_config',
    call: 'PUT /domains/{domain}/config',
    passes: cloudAdmins,
    body: { config: { identity: { driver: 'ldap' }, ldap: { url: 'ldap://x' } } },
  },
  { rule: 'get_domain_config', call: 'GET /domains/{domain}/config', passes: cloudReaders },
  {
    rule: 'get_security_compliance_domain_config',
    call: 'GET /domains/default/config/security_compliance',
    passes: everybody,
  },

  ...crud('project', '/projects', { name: '{unique}', domain_id: '{domain}' }, domainReaders, domainManagers).map(
    (one) => (one.rule === 'get_project' ? { ...one, passes: `${domainReaders} pg pm pr ps` } : one),
  ),
  ...crud('project', '/projects', { name: '{unique}', domain_id: '{other}' }, '', admins)
    .map((one) => ({ ...one, call: one.call.replace('{project}', '{other-project}').replace('{new:', '{new:other-') }))
    .map((one) => (one.rule === 'get_project' ? { ...one, passes: 'sa sm sr da pa' } : one))
    .filter((one) => one.rule !== 'list_projects'),
  {
    rule: 'create_project',
    call: 'POST /projects',
    passes: admins,
    body: { project: { name: '{unique}', is_domain: true } },
  },
  {
    rule: 'create_project',
    call: 'POST /projects',
    passes: admins,
    body: { project: { name: '{unique}', parent_id: '{other-project}' } },
  },
  // Without a domain it is the one of the token.
  { rule: 'create_project', call: 'POST /projects', passes: domainManagers, body: { project: named } },
  { rule: 'create_user', call: 'POST /users', passes: domainManagers, body: { user: named } },
  { rule: 'create_group', call: 'POST /groups', passes: domainManagers, body: { group: named } },
  { rule: 'list_project_tags', call: 'GET /projects/{project}/tags', passes: `${domainReaders} pg pm pr ps` },
  { rule: 'create_project_tag', call: 'PUT /projects/{project}/tags/t', passes: domainManagers },
  { rule: 'get_project_tag', call: 'GET /projects/{project}/tags/t', passes: `${domainReaders} pg pm pr ps` },
  {
    rule: 'update_project_tags',
    call: 'PUT /projects/{project}/tags',
    passes: domainManagers,
    body: { tags: ['t', 'u'] },
  },
  { rule: 'delete_project_tag', call: 'DELETE /projects/{new:project}/tags/t', passes: domainManagers },
  { rule: 'delete_project_tags', call: 'DELETE /projects/{new:project}/tags', passes: domainManagers },

  ...crud('user', '/users', { name: '{unique}', domain_id: '{domain}' }, domainReaders, domainManagers),
  ...crud('user', '/users', { name: '{unique}', domain_id: '{other}' }, 'sa sm sr da pa', admins)
    .map((one) => ({ ...one, call: one.call.replace('{user}', '{other-user}').replace('{new:', '{new:other-') }))
    .filter((one) => one.rule !== 'list_users'),
  { rule: 'get_user', call: 'GET /users/{self}', passes: everybody },
  { rule: 'list_groups_for_user', call: 'GET /users/{user}/groups', passes: domainReaders },
  { rule: 'list_groups_for_user', call: 'GET /users/{self}/groups', passes: everybody },
  { rule: 'list_user_projects', call: 'GET /users/{user}/projects', passes: domainReaders },
  { rule: 'list_user_projects', call: 'GET /users/{self}/projects', passes: everybody },

  ...crud('group', '/groups', { name: '{unique}', domain_id: '{domain}' }, domainReaders, domainManagers),
  ...crud('group', '/groups', { name: '{unique}', domain_id: '{other}' }, 'sa sm sr da pa', admins)
    .map((one) => ({ ...one, call: one.call.replace('{group}', '{other-group}').replace('{new:', '{new:other-') }))
    .filter((one) => one.rule !== 'list_groups'),
  { rule: 'list_users_in_group', call: 'GET /groups/{group}/users', passes: domainReaders },
  { rule: 'add_user_to_group', call: 'PUT /groups/{group}/users/{user}', passes: domainManagers },
  { rule: 'check_user_in_group', call: 'HEAD /groups/{group}/users/{user}', passes: domainReaders },
  { rule: 'add_user_to_group', call: 'PUT /groups/{group}/users/{other-user}', passes: admins },
  { rule: 'remove_user_from_group', call: 'DELETE /groups/{group}/users/{user}', passes: domainManagers },

  ...grants('/projects/{project}', 'users/{user}', ownGrants),
  ...grants('/domains/{domain}', 'groups/{group}', ownGrants),
  ...grants('/projects/{other-project}', 'users/{user}', otherGrants),
  ...grants('/domains/{domain}', 'users/{other-user}', otherGrants),
  ...systemGrants('user'),
  ...systemGrants('group'),
  { rule: 'list_role_assignments', call: 'GET /role_assignments', passes: domainReaders },
  {
    rule: 'list_role_assignments_for_tree',
    call: 'GET /role_assignments?include_subtree=true&scope.project.id={project}',
    passes: domainReaders,
  },

  ...crud('credential', '/credentials', { type: 'x', blob: 'x', user_id: '{self}' }, everybody, everybody).filter(
    (one) => one.rule === 'list_credentials' || one.rule === 'create_credential',
  ),
  {
    rule: 'create_credential',
    call: 'POST /credentials',
    passes: admins,
    body: { credential: { type: 'x', blob: 'x', user_id: '{user}' } },
  },
  { rule: 'ec2_list_credentials', call: 'GET /users/{user}/credentials/OS-EC2', passes: cloudReaders },
  { rule: 'ec2_list_credentials', call: 'GET /users/{self}/credentials/OS-EC2', passes: notDomain },
  { rule: 'list_application_credentials', call: 'GET /users/{user}/application_credentials', passes: cloudReaders },
  { rule: 'list_application_credentials', call: 'GET /users/{self}/application_credentials', passes: notDomain },
  {
    rule: 'create_application_credential',
    call: 'POST /users/{self}/application_credentials',
    passes: 'pa pg pm pr ps',
    body: { application_credential: named },
  },
  {
    rule: 'create_application_credential',
    call: 'POST /users/{user}/application_credentials',
    passes: '',
    body: { application_credential: named },
  },
  { rule: 'list_access_rules', call: 'GET /users/{user}/access_rules', passes: 'sa sm sr' },
  { rule: 'list_access_rules', call: 'GET /users/{self}/access_rules', passes: notDomain },
  { rule: 'list_trusts', call: 'GET /OS-TRUST/trusts', passes: cloudReaders },
  { rule: 'list_trusts_for_trustor', call: 'GET /OS-TRUST/trusts?trustor_user_id={self}', passes: notDomain },
  { rule: 'list_trusts_for_trustee', call: 'GET /OS-TRUST/trusts?trustee_user_id={user}', passes: cloudReaders },

  { rule: 'get_limit_model', call: 'GET /limits/model', passes: everybody },
  { rule: 'list_limits', call: 'GET /limits', passes: everybody },
  { rule: 'list_registered_limits', call: 'GET /registered_limits', passes: everybody },
  {
    rule: 'create_registered_limits',
    call: 'POST /registered_limits',
    passes: cloudAdmins,
    body: { registered_limits: [{ service_id: '{service}', resource_name: '{unique}', default_limit: 1 }] },
  },
  {
    rule: 'create_endpoint_group',
    call: 'POST /OS-EP-FILTER/endpoint_groups',
    passes: cloudAdmins,
    body: { endpoint_group: { name: '{unique}', filters: { interface: 'public' } } },
  },
  { rule: 'list_endpoint_groups', call: 'GET /OS-EP-FILTER/endpoint_groups', passes: cloudReaders },
  {
    rule: 'add_endpoint_to_project',
    call: 'PUT /OS-EP-FILTER/projects/{project}/endpoints/{endpoint}',
    passes: cloudAdmins,
  },
  {
    rule: 'check_endpoint_in_project',
    call: 'HEAD /OS-EP-FILTER/projects/{project}/endpoints/{endpoint}',
    passes: cloudReaders,
  },
  { rule: 'list_projects_for_endpoint', call: 'GET /OS-EP-FILTER/endpoints/{endpoint}/projects', passes: cloudReaders },
  { rule: 'list_endpoints_for_project', call: 'GET /OS-EP-FILTER/projects/{project}/endpoints', passes: cloudReaders },
  { rule: 'list_revoke_events', call: 'GET /OS-REVOKE/events', passes: 'sa pa ps' },
  { rule: 'get_auth_projects', call: 'GET /auth/projects', passes: everybody },
  { rule: 'get_auth_domains', call: 'GET /auth/domains', passes: everybody },
  { rule: 'get_auth_system', call: 'GET /auth/system', passes: everybody },
  { rule: 'validate_token', call: 'GET /auth/tokens', subject: 'pr', passes: 'sa sm sr da pa pr ps' },
  { rule: 'check_token', call: 'HEAD /auth/tokens', subject: 'pr', passes: 'sa sm sr da pa pr' },
  // What does not exist is told to those who could see it; others are refused alike, so that ids cannot be probed.
  { rule: 'get_user', call: 'GET /users/none', passes: 'sa sm sr da pa' },
  { rule: 'get_project', call: 'GET /projects/none', passes: 'sa sm sr da pa' },
  { rule: 'get_role', call: 'GET /roles/none', passes: 'sa sm sr da pa' },
  { rule: 'get_service', call: 'GET /services/none', passes: cloudReaders },
  { rule: 'delete_group', call: 'DELETE /groups/none', passes: admins },
];
