// Every service as `undercloud up` builds it, without anything that runs: the database is never connected to.
import { pino } from 'pino';
import { openDatabase } from '../../src/database/index.ts';
import { createEventFollower, eventsApi } from '../../src/events/index.ts';
import type { Api } from '../../src/openstack/index.ts';
import { createOperations, operationsApi } from '../../src/operations/index.ts';
import { loadConfig } from '../../src/server/config.ts';
import { createServices } from '../../src/server/services.ts';

export interface Described {
  readonly apis: readonly Api[];
  readonly machineApis: readonly Api[];
  /** Resource types that stacks can create, beside groups and nested stacks. */
  readonly creatable: readonly string[];
}

const nowhere = 'postgresql://nobody@127.0.0.1:1/none';

export async function describeServices(): Promise<Described> {
  const database = openDatabase(nowhere);
  const operations = createOperations({ database, url: nowhere });
  const follower = createEventFollower(database, () => {});
  const services = await createServices({
    config: loadConfig(undefined, {}, {}),
    folder: { path: '/nonexistent', secret: Buffer.alloc(32), adminPassword: '', release() {} },
    database,
    operations,
    provisioning: undefined,
    log: pino({ level: 'silent' }),
  });
  await services.stop();
  await follower.close();
  await database.destroy();
  return {
    apis: [...services.apis, operationsApi(operations, database), eventsApi(database, follower)],
    machineApis: services.machineApis,
    creatable: services.creatable,
  };
}
