// Which processes run operations, and which of them are dead.
import { hostname } from 'node:os';
import { sql } from 'kysely';
import type { Database } from '../database/index.ts';

export const heartbeatMs = 2_000;
/** Silence after which a process on another host, or one that cannot be asked, counts as dead. */
const silenceMs = 15_000;

export async function heartbeat(database: Database, id: string): Promise<void> {
  await sql`insert into executors (id, hostname, pid) values (${id}, ${hostname()}, ${process.pid})
    on conflict (id) do update set heartbeat_at = now()`.execute(database);
}

export async function leave(database: Database, id: string): Promise<void> {
  await sql`delete from executors where id = ${id}`.execute(database);
}

/** Executors that ended without leaving, except `self`: silent for too long, or of this host with a pid that is gone. */
export async function deadExecutors(database: Database, self: string): Promise<string[]> {
  const others = await sql<{ id: string; hostname: string; pid: number; silent: boolean }>`
    select id, hostname, pid, heartbeat_at < now() - ${silenceMs} * interval '1 millisecond' as silent from executors where id <> ${self}`.execute(
    database,
  );
  return others.rows
    .filter((row) => row.silent || (row.hostname === hostname() && !alive(row.pid)))
    .map((row) => row.id);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Gives the dead executor's operations to `heir`; false when another survivor was faster. */
export async function inherit(database: Database, dead: string, heir: string): Promise<boolean> {
  return database.transaction().execute(async (tx) => {
    const gone = await sql`delete from executors where id = ${dead} returning id`.execute(tx);
    if (gone.rows.length === 0) return false;
    await sql`update operations set executor_id = ${heir} where executor_id = ${dead} and state in ('running', 'waiting')`.execute(
      tx,
    );
    return true;
  });
}
