// Machines that were met on the provisioning network: seen, approved, forgotten. Not in Ironic's API.
import { type Static, Type } from '@sinclair/typebox';
import { type Answer, type ApiRequest, empty, json, type Route } from '../../openstack/index.ts';
import { guarded, guardedBody } from '../document/guarded.ts';
import { isUuid } from '../document/names.ts';
import { errors } from '../errors.ts';
import { reportOf } from '../inspection-hook/report.ts';
import { requested } from '../node/handlers.ts';
import type { NewNodeBody } from '../node/schemas.ts';
import { newNodeSchema } from '../node/schemas.ts';
import type { DiscoveryProfile, Parts } from '../parts.ts';
import { type DiscoveryRow, tables } from '../store.ts';
import { discoveryDocument, enrol } from './discovery.ts';
import { nodeByProfile } from './profile.ts';

/** A node in whole, or what a profile does not say of it. */
const approvalSchema = Type.Object(
  {
    ...newNodeSchema.properties,
    driver: Type.Optional(newNodeSchema.properties.driver),
    profile: Type.Optional(Type.String({ description: 'Name of the profile that says the rest' })),
  },
  { additionalProperties: false, description: 'The node that it becomes' },
);
type Approval = Static<typeof approvalSchema>;

export function discoveryRoutes(parts: Parts): Route[] {
  const { database } = parts;
  const config = parts.config.discovery;
  const rule = 'node:create';

  async function found(request: ApiRequest): Promise<DiscoveryRow> {
    request.enforce(`baremetal:${rule}`);
    const uuid = request.params.discovery ?? '';
    const row = isUuid(uuid)
      ? await tables(database)
          .selectFrom('baremetal_discoveries')
          .selectAll()
          .where('uuid', '=', uuid)
          .executeTakeFirst()
      : undefined;
    if (!row) throw errors.DiscoveryNotFound(uuid);
    return row;
  }

  async function list(request: ApiRequest): Promise<Answer> {
    request.enforce(`baremetal:${rule}`);
    const rows = await tables(database)
      .selectFrom('baremetal_discoveries')
      .selectAll()
      .orderBy('first_seen_at')
      .execute();
    return json({ discoveries: rows.map((row) => discoveryDocument(config, row)) });
  }

  async function approve(request: ApiRequest<unknown, Approval>): Promise<Answer> {
    const { uuid, inventory, bmc_address: bmc } = await found(request);
    const body = approvedNode(config.profiles, request.body, bmc);
    const node = await database.transaction().execute(async (tx) => {
      const { requestedBy } = requested(request);
      const made = await enrol(parts, tx, reportOf({ inventory }), body, {
        requestedBy,
        requestId: request.context.requestId,
      });
      await tables(tx).deleteFrom('baremetal_discoveries').where('uuid', '=', uuid).execute();
      return made;
    });
    return json({ uuid: node.uuid, name: node.name }, 201, {
      location: `${request.context.baseUrl}/v1/nodes/${node.uuid}`,
    });
  }

  async function forget(request: ApiRequest): Promise<Answer> {
    const { uuid } = await found(request);
    await tables(database).deleteFrom('baremetal_discoveries').where('uuid', '=', uuid).execute();
    return empty(204);
  }

  const one = '/v1/discoveries/:discovery';
  return [
    guarded('GET', '/v1/discoveries', rule, 'Machines met on the network (not in Ironic)', list),
    guarded('GET', one, rule, 'One of them', async (request) => json(discoveryDocument(config, await found(request)))),
    guardedBody('POST', `${one}/approve`, rule, 'Make a node of it', approvalSchema, approve),
    guarded('DELETE', one, rule, 'Forget it', forget),
  ];
}

/** Throws 400 for a profile that is not there or does not suffice, and for a node without driver. */
function approvedNode(
  profiles: readonly DiscoveryProfile[],
  { profile: name, driver, ...more }: Approval,
  bmc: string | null,
): NewNodeBody {
  if (name === undefined) {
    if (driver === undefined) throw errors.Invalid('Name the driver of the node, or a profile.');
    return { ...more, driver };
  }
  const profile = profiles.find((one) => one.name === name);
  if (!profile)
    throw errors.Invalid(`There is no profile "${name}", only: ${profiles.map((one) => one.name).join(', ')}.`);
  const node = nodeByProfile(profile, bmc);
  if ('lacks' in node) throw errors.Invalid(`Profile "${name}" cannot be used: ${node.lacks}.`);
  const info = { ...node.driver_info, ...more.driver_info };
  return { ...node, ...more, ...(driver === undefined ? {} : { driver }), driver_info: info };
}
