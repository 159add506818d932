// Asks a node's machine something while the client waits.
import { HardwareError, type Machine } from '../../hardware/index.ts';
import { ApiError, type ApiRequest } from '../../openstack/index.ts';
import { enforceOnNode } from '../access.ts';
import type { Parts } from '../parts.ts';
import type { NodeRow } from '../store.ts';
import { machineOf } from '../work/node-work.ts';
import { findNode } from './find.ts';

/** `call` runs with the machine of the node that the path names, if the caller passes the rule. */
export function asking(parts: Parts) {
  return async <Result>(
    request: ApiRequest<unknown, unknown>,
    rule: string,
    call: (machine: Machine, node: NodeRow) => Promise<Result>,
  ): Promise<Result> => {
    const node = await findNode(parts.database, request.params.node ?? '');
    enforceOnNode(request, rule, node, request.params.node);
    try {
      return await call(machineOf(parts, node), node);
    } catch (error) {
      throw hardwareFault(error);
    }
  };
}

/** 400 for what the client can correct, 500 otherwise. */
function hardwareFault(error: unknown): unknown {
  if (!(error instanceof HardwareError)) return error;
  const status = error.kind === 'misconfigured' || error.kind === 'unsupported' ? 400 : 500;
  return new ApiError('HardwareFailed', status, error.message, error.hint, undefined, { cause: error });
}
