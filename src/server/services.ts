// Builds every service and wires them to each other, by hand.
import type { Logger } from 'pino';
import type { Database } from '../database/index.ts';
import type { Api, Authenticate } from '../openstack/index.ts';
import type { Operations } from '../operations/index.ts';
import type { Config } from './config.ts';
import type { DataFolder } from './data-folder.ts';
import type { Provisioning } from './provisioning.ts';

export interface ServicesOptions {
  readonly config: Config;
  readonly folder: DataFolder;
  readonly database: Database;
  readonly operations: Operations;
  readonly provisioning: Provisioning | undefined;
  readonly log: Logger;
}

export interface Services {
  readonly apis: readonly Api[];
  /** What machines may call on the provisioning network. */
  readonly machineApis: readonly Api[];
  readonly authenticate: Authenticate;
  /** Writes the catalogue for the address that was bound; returns its endpoints. */
  announce(origin: string): Promise<{ type: string; url: string }[]>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function createServices(_options: ServicesOptions): Promise<Services> {
  return {
    apis: [],
    machineApis: [],
    authenticate: async () => undefined,
    announce: async () => [],
    start: async () => {},
    stop: async () => {},
  };
}
