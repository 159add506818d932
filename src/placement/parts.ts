// What every handler of placement works with.
import type { Database } from '../database/index.ts';
import type { Answer, ApiRequest } from '../openstack/index.ts';
import type { PlacementConfig } from './config.ts';
import type { ProviderFollower } from './provider-index/index.ts';

export interface Parts {
  readonly database: Database;
  readonly follower: ProviderFollower;
  readonly config: PlacementConfig;
}

export type Handler = (request: ApiRequest) => Promise<Answer> | Answer;
