// The version an agent announces, with the number of the protocol that it speaks.

declare const UNDERCLOUD_VERSION: string | undefined;

/** Raised by one whenever a message changes in a way that a neighbour must know of. */
export const protocolVersion = 1;

/**
 * The `agent_version` sent with each heartbeat: the program's version, then the protocol as a local part (`0.1.0+undercloud.1`),
 * a form that a stock conductor accepts as a version.
 */
export function agentVersion(): string {
  const program = typeof UNDERCLOUD_VERSION === 'string' ? UNDERCLOUD_VERSION : '0.0.0';
  return `${program}+undercloud.${protocolVersion}`;
}

/** The protocol number in an `agent_version`, or undefined for an agent that is not ours (a stock ironic-python-agent). */
export function protocolOf(version: string): number | undefined {
  const number = /\+undercloud\.(\d+)$/.exec(version)?.[1];
  return number === undefined ? undefined : Number(number);
}
