// The composition root: opens the database, builds the services, mounts their routes, starts the workers.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { type Database, DatabaseVersionError, migrate, openDatabase } from '../database/index.ts';
import { createEventFollower, eventsApi, forgetEvents } from '../events/index.ts';
import { type Api, ApiError, type Authenticate, mountApi } from '../openstack/index.ts';
import { createOperations, operationsApi } from '../operations/index.ts';
import { openAuthority } from './authority.ts';
import { type Closers, createClosers } from './closers.ts';
import type { Config } from './config.ts';
import type { DataFolder } from './data-folder.ts';
import { StartError } from './errors.ts';
import { createHttp, listen } from './http.ts';
import { createMetrics } from './metrics.ts';
import { enforcerOf } from './policy.ts';
import { findProvisioning } from './provisioning.ts';
import { forgetDaily, forgetOld, type Retained } from './retention.ts';
import { createServices } from './services.ts';
import { listenerTls, reachableOrigin } from './tls.ts';

export interface RunningServer {
  /** Where the APIs answer: `http://127.0.0.1:8000`. */
  readonly origin: string;
  /** What clients have to trust (PEM), when the APIs are served over TLS with a certificate of our own. */
  readonly authorityFile: string | undefined;
  /** Where machines call, when there is a provisioning network. */
  readonly machinesOrigin: string | undefined;
  readonly endpoints: readonly { readonly type: string; readonly url: string }[];
  close(): Promise<void>;
}

export interface ComposeOptions {
  readonly config: Config;
  readonly folder: DataFolder;
  readonly databaseUrl: string;
  readonly log: Logger;
}

/** Brings everything up; what was started is closed again when a later part fails. */
export async function compose({ config, folder, databaseUrl, log }: ComposeOptions): Promise<RunningServer> {
  const closers = createClosers(log);
  try {
    const database = openDatabase(databaseUrl, {
      onError: (error) => log.warn({ err: error }, 'an idle database connection was lost'),
    });
    closers.push(() => database.destroy());
    await reach(database);
    return await build({ config, folder, databaseUrl, log, database, closers });
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function reach(database: Database): Promise<void> {
  try {
    await migrate(database);
  } catch (error) {
    if (error instanceof DatabaseVersionError) throw new StartError(error.message, { cause: error });
    if (
      error instanceof Error &&
      'code' in error &&
      ['ECONNREFUSED', 'ENOENT', 'ENOTFOUND', '28P01', '3D000'].includes(String(error.code))
    ) {
      throw new StartError(`the database cannot be reached: ${error.message}; check DATABASE_URL`, { cause: error });
    }
    throw error;
  }
}

interface BuildOptions extends ComposeOptions {
  readonly database: Database;
  readonly closers: Closers;
}

async function build({ config, folder, databaseUrl, log, database, closers }: BuildOptions): Promise<RunningServer> {
  const operations = createOperations({
    database,
    url: databaseUrl,
    log: {
      error: (message, detail) => log.error({ detail }, message),
      warn: (message, detail) => log.warn({ detail }, message),
    },
  });
  const follower = createEventFollower(database, (error) =>
    log.error({ err: error }, 'the event log could not be read'),
  );
  closers.push(() => follower.close());
  const provisioning = findProvisioning(config.provision);
  const authority = await openAuthority(database, folder.secret);
  const services = await createServices({
    config,
    folder,
    database,
    operations,
    provisioning,
    agents: provisioning?.agents && { url: provisioning.agents.origin, authority: authority.certificate },
    log,
  });
  await services.prepare();
  const metrics = createMetrics(database, services.sensors);

  const tls = listenerTls(config, folder.path, authority);
  const app = createHttp({
    log,
    durations: metrics.durations,
    listener: 'api',
    allowedOrigins: config.cors.allowed_origins,
    certified: tls?.certified,
  });
  const apis = [...services.apis, operationsApi(operations, database), eventsApi(database, follower)];
  for (const api of apis) mount(app, api, services.authenticate, config, log);
  mountRoot(app, apis, metrics);
  closers.push(() => app.close());
  const origin = reachableOrigin(await listen(app, config.listen), tls !== undefined);
  const endpoints = await services.announce(origin);

  let machinesOrigin: string | undefined;
  if (provisioning) {
    const machines = createHttp({ log, durations: metrics.durations, listener: 'machines', allowedOrigins: [] });
    for (const api of services.machineApis) mount(machines, api, services.authenticate, config, log);
    closers.push(() => machines.close());
    machinesOrigin = await listen(machines, `${provisioning.address}:${provisioning.port}`);
    if (provisioning.agents) {
      const certified = authority.issue([provisioning.address]);
      const agents = createHttp({
        log,
        durations: metrics.durations,
        listener: 'machines',
        allowedOrigins: [],
        certified,
      });
      for (const api of services.agentApis) mount(agents, api, services.authenticate, config, log);
      closers.push(() => agents.close());
      await listen(agents, `${provisioning.address}:${provisioning.agents.port}`);
    }
  }
  await operations.launch();
  closers.push(() => operations.shutdown());
  await services.start();
  closers.push(() => services.stop());
  const retained: Retained = {
    forgetEvents: (before) => forgetEvents(database, before),
    forgetOperations: operations.forget,
    forgetHistory: services.forgetHistory,
  };
  closers.push(forgetDaily(() => forgetOld(config, retained, log)));
  return { origin, authorityFile: tls?.authorityFile, machinesOrigin, endpoints, close: closers.close };
}

function mount(app: FastifyInstance, api: Api, authenticate: Authenticate, config: Config, log: Logger): void {
  mountApi(app, api, {
    authenticate,
    enforcer: enforcerOf(config, api),
    onError: (error, { requestId }) => {
      if (!(error instanceof ApiError)) log.error({ err: error, request_id: requestId }, 'unexpected error');
      else if (error.status === 401 || error.status === 403)
        log.info({ request_id: requestId, audit: true, service: api.service, refused: error.message }, 'refused');
    },
  });
}

function mountRoot(app: FastifyInstance, apis: readonly Api[], metrics: ReturnType<typeof createMetrics>): void {
  app.get('/', async () => ({ services: apis.map(({ service, path }) => ({ service, path })) }));
  app.get('/metrics', async (_request, reply) => {
    const { text, contentType } = await metrics.render();
    return reply.header('content-type', contentType).send(text);
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
}
