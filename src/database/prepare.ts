// Prepares the statements that come often, so that PostgreSQL reads and plans each once for a connection.
import type pg from 'pg';

/** Before a text comes this often it may be one of many, such as a list of ids of some length. */
const comesOften = 20;
/** A prepared statement takes memory in every connection. */
const maxPrepared = 200;
const maxCounted = 2_000;

/** From now on, each new connection of `pool` prepares what comes often. */
export function prepareOften(pool: pg.Pool): void {
  const names = createNames();
  pool.on('connect', (client) => {
    client.query = preparing(client, names);
  });
}

/** Names are the pool's: a text has the same one in every connection. */
function createNames() {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  let made = 0;
  return {
    of(text: string): string | undefined {
      const known = names.get(text);
      if (known !== undefined || names.size >= maxPrepared) return known;
      const count = (counts.get(text) ?? 0) + 1;
      if (count < comesOften) {
        if (counts.size >= maxCounted) counts.clear();
        counts.set(text, count);
        return undefined;
      }
      counts.delete(text);
      const name = `often_${++made}`;
      names.set(text, name);
      return name;
    },
    renew: () => names.clear(),
  };
}

function preparing(client: pg.PoolClient, names: ReturnType<typeof createNames>): pg.PoolClient['query'] {
  return new Proxy(client.query, {
    apply(query, self, args) {
      const [text, values, callback] = args;
      const parametrised = typeof text === 'string' && Array.isArray(values) && values.length > 0;
      const name = parametrised ? names.of(text) : undefined;
      if (name === undefined) return Reflect.apply(query, self, args);
      const sent = Reflect.apply(query, self, [{ name, text, values }, undefined, callback]);
      if (callback !== undefined) return sent;
      return sent.catch((error: unknown) => {
        if (!isOutdated(error)) throw error;
        names.renew();
        if (client.getTransactionStatus() !== 'I') throw error;
        return Reflect.apply(query, self, args);
      });
    },
  });
}

/** A migration has changed what a prepared `select *` answers; a transaction that meets this is lost. */
function isOutdated(error: unknown): boolean {
  return error instanceof Error && error.message === 'cached plan must not change result type';
}
