// What a server is, its states, and the status that clients see.

export type VmState = 'building' | 'active' | 'stopped' | 'rescued' | 'error';
export type TaskState =
  | 'scheduling'
  | 'networking'
  | 'spawning'
  | 'deleting'
  | 'powering-on'
  | 'powering-off'
  | 'rebooting'
  | 'rebooting_hard'
  | 'rebuilding'
  | 'rescuing'
  | 'unrescuing';

export interface ServerFault {
  readonly code: number;
  readonly message: string;
  readonly details: string;
  /** ISO 8601. */
  readonly created: string;
}

/** A network or an existing port, as the creator asked for it. */
export interface RequestedNetwork {
  readonly networkId?: string;
  /** The port made gets its address from this one of the network's subnets. */
  readonly subnetId?: string;
  readonly portId?: string;
  readonly fixedIp?: string;
  readonly tag?: string;
}

export const powerStates = { unknown: 0, running: 1, shutdown: 4 } as const;

/** Nova's status, made of the state and the task (Compute API guide, "Server concepts"). */
export function statusOf(vmState: VmState, taskState: TaskState | null): string {
  switch (vmState) {
    case 'building':
      return 'BUILD';
    case 'error':
      return taskState === 'rebuilding' ? 'REBUILD' : 'ERROR';
    case 'rescued':
      return 'RESCUE';
    case 'stopped':
      return taskState === 'rebuilding' ? 'REBUILD' : 'SHUTOFF';
    case 'active':
      if (taskState === 'rebooting') return 'REBOOT';
      if (taskState === 'rebooting_hard') return 'HARD_REBOOT';
      return taskState === 'rebuilding' ? 'REBUILD' : 'ACTIVE';
  }
}

/** The states that a `status` filter stands for; empty for a status that no server can have. */
export function statesOf(status: string): { vmState: VmState; tasks?: readonly TaskState[] }[] {
  switch (status.toUpperCase()) {
    case 'BUILD':
      return [{ vmState: 'building' }];
    case 'ACTIVE':
      return [{ vmState: 'active' }];
    case 'SHUTOFF':
      return [{ vmState: 'stopped' }];
    case 'ERROR':
      return [{ vmState: 'error' }];
    case 'RESCUE':
      return [{ vmState: 'rescued' }];
    case 'REBOOT':
      return [{ vmState: 'active', tasks: ['rebooting'] }];
    case 'HARD_REBOOT':
      return [{ vmState: 'active', tasks: ['rebooting_hard'] }];
    case 'REBUILD':
      return [
        { vmState: 'active', tasks: ['rebuilding'] },
        { vmState: 'stopped', tasks: ['rebuilding'] },
        { vmState: 'error', tasks: ['rebuilding'] },
      ];
    default:
      return [];
  }
}

/** A host name from a server's name: letters, digits, hyphens, at most 63 (RFC 952; Nova's sanitising). */
export function hostnameOf(name: string, serverId: string): string {
  const clean = name
    .replace(/[ _]/g, '-')
    .replace(/[^a-zA-Z0-9.-]/g, '')
    .toLowerCase()
    .replace(/\./g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return clean === '' ? `server-${serverId}` : clean;
}
