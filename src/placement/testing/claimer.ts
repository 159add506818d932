// A process of its own that claims: `claimer.ts URL PROVIDER CONSUMERS CLIENTS`. Prints a line for each claim that succeeded.
import { randomUUID } from 'node:crypto';
import { openDatabase } from '../../database/index.ts';
import { createPlacement } from '../index.ts';

const [url = '', provider = '', consumers = '0', clients = '1'] = process.argv.slice(2);
const database = openDatabase(url, { maxConnections: 25 });
const placement = createPlacement({ database });
let left = Number(consumers);

async function client(): Promise<void> {
  while (left-- > 0) {
    const claim = {
      consumerUuid: randomUUID(),
      projectId: 'project',
      userId: 'user',
      consumerType: 'INSTANCE',
      allocations: [{ provider, resourceClass: 'VCPU', used: 1 }],
    };
    const verdict = await database.transaction().execute((tx) => placement.claim(tx, claim));
    if (verdict.claimed) process.stdout.write(`${claim.consumerUuid}\n`);
  }
}

await Promise.all(Array.from({ length: Number(clients) }, client));
placement.close();
await database.destroy();
