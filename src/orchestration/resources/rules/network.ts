// Rules of network types.
import { isIP } from 'node:net';
import { TemplateError, type TypeRules } from '../../template/index.ts';
import {
  all,
  atLeastOne,
  conflict,
  isMap,
  notBoth,
  onlyFor,
  quota,
  type Rule,
  refused,
  truthy,
  unspecified,
} from './rule.ts';

const subnet: Rule = ({ property }) => {
  const cidr = truthy(property('cidr'));
  const pool = property('subnetpool') !== null;
  if (pool && cidr) throw conflict('subnetpool', 'cidr');
  if (!pool && !cidr) throw unspecified('subnetpool', 'cidr');
  if (truthy(property('prefixlen')) && cidr) throw conflict('prefixlen', 'cidr');
  const [advertised, addressed] = [property('ipv6_ra_mode'), property('ipv6_address_mode')];
  if (property('ip_version') === 4 && (truthy(advertised) || truthy(addressed)))
    throw refused('ipv6_ra_mode and ipv6_address_mode are not supported for ipv4.');
  if (truthy(advertised) && truthy(addressed) && advertised !== addressed)
    throw refused('When both ipv6_ra_mode and ipv6_address_mode are set, they must be equal.');
  const gateway = property('gateway_ip');
  // The text is what Heat answers: it never fills its message in.
  if (typeof gateway === 'string' && gateway !== '' && gateway !== '~' && isIP(gateway) === 0)
    throw refused(`('Gateway IP address "%(gateway)s" is in invalid format.', '${gateway}')`);
};

const router: Rule = ({ property }) => {
  const [agent, agents] = [property('l3_agent_id'), property('l3_agent_ids')];
  const distributed = truthy(property('distributed'));
  if (truthy(agent) && truthy(agents)) throw conflict('l3_agent_id', 'l3_agent_ids');
  if (distributed && (truthy(agent) || truthy(agents))) throw conflict('distributed', 'l3_agent_id/l3_agent_ids');
  if (truthy(property('ha')) && distributed) throw conflict('distributed', 'ha');
  if (!truthy(property('ha')) && Array.isArray(agents) && agents.length > 1)
    throw refused('Non HA routers can only have one L3 agent.');
};

const segment: Rule = ({ property }) => {
  const type = property('network_type');
  const [physical, id] = [property('physical_network'), property('segmentation_id')];
  const is = (...types: string[]) => types.some((name) => name === type);
  const required = (name: string) => refused(`${name} is required for ${String(type)} provider network.`);
  const prohibited = (name: string) => refused(`${name} is prohibited for ${String(type)} provider network.`);
  if (is('flat', 'vlan') && physical === null) throw required('physical_network');
  if (is('vlan') && id === null) throw required('segmentation_id');
  if (is('local', 'flat') && id !== null) throw prohibited('segmentation_id');
  if (is('vxlan', 'gre', 'geneve') && physical !== null) throw prohibited('physical_network');
  if (is('vlan') && typeof id === 'number' && id > 4094)
    throw refused('Up to 4094 VLAN network segments can exist on each physical_network.');
};

const prefixBounds: Rule = ({ property }) => {
  const ordered = (less: string, more: string) => {
    const [low, high] = [property(less), property(more)];
    if (typeof low === 'number' && typeof high === 'number' && low !== 0 && high !== 0 && low > high)
      throw refused(`Illegal prefix bounds: ${more}=${high}, ${less}=${low}.`);
  };
  ordered('min_prefixlen', 'max_prefixlen');
  ordered('default_prefixlen', 'max_prefixlen');
  ordered('min_prefixlen', 'default_prefixlen');
};

/** What a layer 7 policy does decides which target it needs. */
const policyTargets: Rule = ({ property }) => {
  const action = property('action');
  const targets = { redirect_pool: 'REDIRECT_TO_POOL', redirect_url: 'REDIRECT_TO_URL' } as const;
  const { redirect_pool: pool, redirect_url: url } = {
    redirect_pool: property('redirect_pool'),
    redirect_url: property('redirect_url'),
  };
  if (action === 'REJECT' && (pool !== null || url !== null))
    throw refused('Properties redirect_pool and redirect_url are not required when action type is set to REJECT.');
  if (action === targets.redirect_pool && url !== null) throw onlyFor('redirect_url', 'action', targets.redirect_url);
  if (action === targets.redirect_pool && pool === null)
    throw refused('Property redirect_pool is required when action type is set to REDIRECT_TO_POOL.');
  if (action === targets.redirect_url && pool !== null) throw onlyFor('redirect_pool', 'action', targets.redirect_pool);
  if (action === targets.redirect_url && url === null)
    throw refused('Property redirect_url is required when action type is set to REDIRECT_TO_URL.');
};

const ruleKey: Rule = ({ property }) => {
  const type = property('type');
  if ((type === 'HEADER' || type === 'COOKIE') && property('key') === null)
    throw refused('Property key is missing. This property should be specified for rules of HEADER and COOKIE types.');
};

const listener = (container: string): Rule =>
  all(atLeastOne('loadbalancer', 'default_pool'), ({ property }) => {
    if (property('protocol') === 'TERMINATED_HTTPS' && property(container) === null)
      throw refused(`Property ${container} required when protocol is TERMINATED_HTTPS.`);
  });

const pool: Rule = all(atLeastOne('listener', 'loadbalancer'), ({ property }) => {
  const persistence = property('session_persistence');
  if (!isMap(persistence)) return;
  const cookie = truthy(persistence.cookie_name ?? null);
  if (persistence.type === 'APP_COOKIE' && !cookie)
    throw refused('Property cookie_name is required when session_persistence type is set to APP_COOKIE.');
  if (persistence.type === 'SOURCE_IP' && cookie)
    throw refused('Property cookie_name must NOT be specified when session_persistence type is set to SOURCE_IP.');
});

export const networkRules: Readonly<Record<string, TypeRules>> = {
  'OS::Neutron::FloatingIP': {
    after: ({ property }) => {
      if (property('port_id') === null && property('fixed_ip_address') !== null)
        throw new TemplateError('ResourcePropertyDependency', 'fixed_ip_address cannot be specified without port_id.');
    },
  },
  'OS::Neutron::Port': { after: notBoth('fixed_ips', 'no_fixed_ips', truthy) },
  'OS::Neutron::ProviderNet': {
    after: ({ property }) => {
      if (truthy(property('segmentation_id')) && property('network_type') !== 'vlan')
        throw refused('segmentation_id not allowed for flat network type.');
    },
  },
  'OS::Neutron::Quota': {
    after: quota(
      'floatingip',
      'health_monitor',
      'listener',
      'loadbalancer',
      'network',
      'pool',
      'port',
      'rbac_policy',
      'router',
      'security_group',
      'security_group_rule',
      'subnet',
      'subnetpool',
    ),
  },
  'OS::Neutron::Router': { after: router },
  'OS::Neutron::RouterInterface': { after: all(notBoth('subnet', 'port'), atLeastOne('subnet', 'port')) },
  'OS::Neutron::SecurityGroup': {
    after: ({ property }) => {
      if (property('name') === 'default') throw refused('Security groups cannot be assigned the name "default".');
    },
  },
  'OS::Neutron::SecurityGroupRule': {
    after: all(notBoth('remote_group', 'remote_ip_prefix'), ({ property }) => {
      const [least, most, protocol] = [property('port_range_min'), property('port_range_max'), property('protocol')];
      const hasPorts = !['icmp', 'icmpv6', 'ipv6-icmp'].some((name) => name === protocol);
      if (hasPorts && typeof least === 'number' && typeof most === 'number' && most < least)
        throw refused('The minimum port number must be less than or equal to the maximum port number.');
    }),
  },
  'OS::Neutron::Segment': { after: segment },
  'OS::Neutron::Subnet': { after: subnet },
  'OS::Neutron::SubnetPool': { after: prefixBounds },
  'OS::Neutron::LBaaS::L7Policy': { after: policyTargets },
  'OS::Octavia::L7Policy': { after: policyTargets },
  'OS::Neutron::LBaaS::L7Rule': { after: ruleKey },
  'OS::Octavia::L7Rule': { after: ruleKey },
  'OS::Neutron::LBaaS::Listener': { after: listener('default_tls_container_ref') },
  'OS::Octavia::Listener': { after: listener('default_tls_container_ref') },
  'OS::Neutron::LBaaS::Pool': { after: pool },
  'OS::Octavia::Pool': { after: pool },
};
