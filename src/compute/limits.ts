// Handler for limits: what a project may have, and what it uses.
import type { Database } from '../database/index.ts';
import { type ApiRequest, atLeast, json } from '../openstack/index.ts';
import { limitsOf, scopeOf, unlimited, usesOf } from './quota/quotas.ts';

export function limitsHandler(database: Database) {
  return async ({ context, search }: ApiRequest) => {
    const { caller, microversion } = context;
    const asked = caller.roles.includes('admin') ? search.get('tenant_id') : null;
    const project = asked ?? caller.projectId ?? '';
    const limits = await limitsOf(database, scopeOf.project(project));
    const uses = await usesOf(database, project);
    const since = (version: string) => atLeast(microversion, version);
    const absolute = {
      maxTotalInstances: limits.instances,
      maxTotalCores: limits.cores,
      maxTotalRAMSize: limits.ram,
      maxTotalKeypairs: limits.key_pairs,
      maxServerMeta: 128,
      maxServerGroups: limits.server_groups,
      maxServerGroupMembers: unlimited,
      totalInstancesUsed: uses.instances,
      totalCoresUsed: uses.cores,
      totalRAMUsed: uses.ram,
      totalServerGroupsUsed: uses.server_groups,
      // 2.36 and 2.39 and 2.57 took away what other services limit.
      ...(since('2.36')
        ? {}
        : {
            maxSecurityGroups: unlimited,
            maxSecurityGroupRules: unlimited,
            maxTotalFloatingIps: unlimited,
            totalFloatingIpsUsed: 0,
            totalSecurityGroupsUsed: 0,
          }),
      ...(since('2.39') ? {} : { maxImageMeta: 128 }),
      ...(since('2.57') ? {} : { maxPersonality: 0, maxPersonalitySize: 0 }),
    };
    return json({ limits: { rate: [], absolute } });
  };
}
