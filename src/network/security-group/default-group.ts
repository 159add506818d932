// The security group `default` that every project has.
import { sql } from 'kysely';
import { all, type Connection, first, insert, newId } from '../store.ts';

/** The id of the project's default group, made on first use with Neutron's rules: all out, in from the group itself. */
export async function ensureDefaultGroup(db: Connection, projectId: string): Promise<string> {
  const known = await first(
    db,
    sql<{ id: string }>`select id from network_security_groups where project_id = ${projectId} and name = 'default'`,
  );
  if (known) return known.id;
  const id = newId();
  const made = await all(
    db,
    sql`insert into network_security_groups (id, project_id, name, description) values (${id}, ${projectId}, 'default', 'Default security group')
      on conflict (project_id) where name = 'default' do nothing returning id`,
  );
  if (made.length === 0) return ensureDefaultGroup(db, projectId);
  await openOutwards(db, id, projectId);
  for (const ethertype of ['IPv4', 'IPv6'])
    await insert(db, 'network_security_group_rules', {
      id: newId(),
      security_group_id: id,
      project_id: projectId,
      direction: 'ingress',
      ethertype,
      remote_group_id: id,
    });
  return id;
}

/** What every new group allows: all traffic outwards. */
export async function openOutwards(db: Connection, groupId: string, projectId: string): Promise<void> {
  for (const ethertype of ['IPv4', 'IPv6'])
    await insert(db, 'network_security_group_rules', {
      id: newId(),
      security_group_id: groupId,
      project_id: projectId,
      direction: 'egress',
      ethertype,
    });
}
