// Options that a domain's configuration may hold, with their defaults; true marks what is never shown.
export const domainOptions: Readonly<
  Record<string, Readonly<Record<string, { readonly preset: unknown; readonly secret?: true }>>>
> = {
  identity: { driver: { preset: 'sql' }, list_limit: { preset: null } },
  ldap: {
    url: { preset: 'ldap://localhost' },
    user: { preset: null },
    password: { preset: null, secret: true },
    suffix: { preset: 'cn=example,cn=com' },
    query_scope: { preset: 'one' },
    page_size: { preset: 0 },
    user_tree_dn: { preset: null },
    user_filter: { preset: null },
    user_objectclass: { preset: 'inetOrgPerson' },
    user_id_attribute: { preset: 'cn' },
    user_name_attribute: { preset: 'sn' },
    user_mail_attribute: { preset: 'mail' },
    group_tree_dn: { preset: null },
    group_filter: { preset: null },
    group_objectclass: { preset: 'groupOfNames' },
    group_id_attribute: { preset: 'cn' },
    group_name_attribute: { preset: 'ou' },
    group_member_attribute: { preset: 'member' },
    use_tls: { preset: false },
    tls_req_cert: { preset: 'demand' },
  },
};
