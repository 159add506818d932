// Handler for limits: nothing is limited, what is used is counted.
import type { Database } from '../database/index.ts';
import { type ApiRequest, atLeast, json } from '../openstack/index.ts';
import { tables } from './tables.ts';

const unlimited = -1;

export function limitsHandler(database: Database) {
  return async ({ context, search }: ApiRequest) => {
    const { caller, microversion } = context;
    const asked = caller.roles.includes('admin') ? search.get('tenant_id') : null;
    const servers = await tables(database)
      .selectFrom('compute_servers')
      .select('flavor')
      .where('project_id', '=', asked ?? caller.projectId ?? '')
      .execute();
    const since = (version: string) => atLeast(microversion, version);
    const absolute = {
      maxTotalInstances: unlimited,
      maxTotalCores: unlimited,
      maxTotalRAMSize: unlimited,
      maxTotalKeypairs: unlimited,
      maxServerMeta: 128,
      maxServerGroups: unlimited,
      maxServerGroupMembers: unlimited,
      totalInstancesUsed: servers.length,
      totalCoresUsed: servers.reduce((sum, { flavor }) => sum + flavor.vcpus, 0),
      totalRAMUsed: servers.reduce((sum, { flavor }) => sum + flavor.ramMb, 0),
      totalServerGroupsUsed: 0,
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
