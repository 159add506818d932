// `undercloud up`: opens the data folder and the database, serves until it is told to stop.
import { setFlagsFromString } from 'node:v8';
import { type EmbeddedPostgres, EmbeddedPostgresError, startEmbeddedPostgres } from '../database/index.ts';
import { writeCloudsFile } from './clouds-file.ts';
import { compose } from './compose.ts';
import { type Config, loadConfig } from './config.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { StartError } from './errors.ts';
import { openLog } from './log.ts';
import { isLoopback } from './loopback.ts';

export interface UpOptions {
  readonly configFile?: string;
  readonly flags: Readonly<Record<string, unknown>>;
  /** Receives the lines for a person. */
  readonly print: (line: string) => void;
}

/** Serves until SIGINT or SIGTERM; resolves when everything has been put away. Throws StartError. */
export async function up({ configFile, flags, print }: UpOptions): Promise<void> {
  const began = performance.now();
  // A pattern of a template that backtracks without end is handed to the engine that does not.
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
  const config = loadConfig(configFile, process.env, { ...flags });
  refuseOpenNoauth(config);
  const folder = openDataFolder(config.data);
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  let postgres: EmbeddedPostgres | undefined;
  try {
    postgres = await database(config, folder);
    const { log, file } = openLog(folder.path, config.log);
    const server = await compose({ config, folder, databaseUrl: postgres?.url ?? config.database_url ?? '', log });
    const clouds = writeCloudsFile({
      folder: folder.path,
      origin: server.origin,
      authorityFile: server.authorityFile,
      region: config.region,
      adminPassword: folder.adminPassword,
    });
    announce(print, server, { clouds, file, seconds: (performance.now() - began) / 1000 });
    print(`\nstopping (${await stopped})`);
    await server.close();
  } finally {
    await postgres?.stop();
    folder.release();
  }
}

function refuseOpenNoauth(config: Config): void {
  const host = config.listen.slice(0, config.listen.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  if (config.auth === 'none' && !isLoopback(host)) {
    throw new StartError(
      `--auth none serves anybody as admin, so it listens on loopback only, not on ${host}; use --listen 127.0.0.1:PORT or --auth password`,
    );
  }
}

async function database(config: Config, folder: DataFolder): Promise<EmbeddedPostgres | undefined> {
  if (config.database_url !== undefined) return undefined;
  try {
    return await startEmbeddedPostgres({ folder: folder.path });
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw new StartError(error.message, { cause: error });
    throw error;
  }
}

function announce(
  print: (line: string) => void,
  server: { origin: string; machinesOrigin: string | undefined; endpoints: readonly { type: string; url: string }[] },
  { clouds, file, seconds }: { clouds: string; file: string; seconds: number },
): void {
  print(`undercloud serves at ${server.origin} (up in ${seconds.toFixed(1)} s)`);
  const width = Math.max(0, ...server.endpoints.map(({ type }) => type.length));
  for (const { type, url } of server.endpoints) print(`  ${type.padEnd(width)}  ${url}`);
  if (server.machinesOrigin) print(`  ${'machines'.padEnd(width)}  ${server.machinesOrigin}`);
  print(`log: ${file}`);
  print('to use it:');
  print(`  export OS_CLIENT_CONFIG_FILE=${clouds}`);
  print('  export OS_CLOUD=undercloud');
}
