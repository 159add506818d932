// Who asks, under which request id, at which microversion.
import type { Microversion } from './microversion.ts';

/** The authenticated caller, with exactly one scope or none. Field names are Keystone's. */
export interface Caller {
  readonly userId: string;
  readonly userName?: string;
  readonly userDomainId?: string;
  readonly projectId?: string;
  readonly projectName?: string;
  readonly projectDomainId?: string;
  readonly domainId?: string;
  readonly systemScope?: 'all';
  /** Role names, implied roles included. */
  readonly roles: readonly string[];
  /** The token this caller came with; absent for noauth callers and for the program itself. */
  readonly token?: string;
}

export interface RequestContext {
  /** `req-` and a UUID; the `x-openstack-request-id` of the answer. */
  readonly requestId: string;
  readonly caller: Caller;
  readonly microversion: Microversion;
  /** Host, port and service path as the client reached us, for links: `http://127.0.0.1:8000/baremetal`. */
  readonly baseUrl: string;
}

/** The program acting for itself: start-up work, loops, operations. */
export const systemCaller: Caller = {
  userId: 'undercloud',
  userName: 'undercloud',
  systemScope: 'all',
  roles: ['admin', 'manager', 'member', 'reader', 'service'],
};
