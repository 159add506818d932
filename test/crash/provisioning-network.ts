// An interface of its own for a server that machines call, made and removed by root.
import { execFileSync } from 'node:child_process';

export interface ProvisioningNetwork {
  readonly interface: string;
  readonly address: string;
  remove(): void;
}

/** Makes a bridge without members; one that an interrupted test left is replaced. */
export function provisioningNetwork(name: string, address: string): ProvisioningNetwork {
  const ip = (...words: string[]) => execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const remove = () => {
    try {
      ip('link', 'delete', name);
    } catch (error) {
      if (!String(error).includes('Cannot find device')) throw error;
    }
  };
  remove();
  ip('link', 'add', name, 'type', 'bridge');
  ip('address', 'add', `${address}/24`, 'dev', name);
  ip('link', 'set', name, 'up');
  return { interface: name, address, remove };
}
