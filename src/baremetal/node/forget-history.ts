// Takes the oldest lines of the nodes' histories away.
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';

/** Leaves each node so many lines, its latest; how many went. */
export async function forgetHistory(database: Database, lines: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from baremetal_node_history where id in (
      select id from (
        select id, row_number() over (partition by node_uuid order by id desc) as place from baremetal_node_history
      ) as line where place > ${lines})`.execute(database);
  return Number(numAffectedRows);
}
