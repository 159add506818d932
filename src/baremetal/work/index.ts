// The operations on nodes: which handler does each, how long it may take, what its end makes of the node.
import type { OperationKind } from '../../operations/index.ts';
import type { NodeOperation } from '../node/provision.ts';
import type { Parts } from '../parts.ts';
import { cleanNode } from './clean.ts';
import { deployNode } from './deploy.ts';
import { flagInput, textInput } from './input.ts';
import { inspectNode } from './inspect.ts';
import { powerNode } from './power.ts';
import { rescueNode, unrescueNode } from './rescue.ts';
import { serviceNode } from './service.ts';
import { settleNode } from './settle.ts';
import { undeployNode } from './undeploy.ts';
import { verifyNode } from './verify.ts';

const minute = 60_000;

/** To be passed to `operations.define` before `launch()`. */
export function nodeOperations(parts: Parts): Readonly<Record<NodeOperation, OperationKind>> {
  const { ramdiskTimeoutMs, agentCommandTimeoutMs } = parts.config;
  const throughRamdisk = ramdiskTimeoutMs + agentCommandTimeoutMs + 10 * minute;
  const done = settleNode(parts, { done: () => 'done' });
  return {
    'node.verify': { deadlineMs: 5 * minute, handler: verifyNode(parts), settle: done },
    'node.adopt': { deadlineMs: 5 * minute, handler: verifyNode(parts), settle: done },
    'node.inspect': { deadlineMs: throughRamdisk, handler: inspectNode(parts), settle: done },
    'node.clean': {
      deadlineMs: ramdiskTimeoutMs + 24 * 60 * minute,
      handler: cleanNode(parts),
      settle: settleNode(parts, {
        done: (operation) => (flagInput(operation.input, 'manual') ? 'cleaned' : 'done'),
        also: () => ({ clean_step: '{}' }),
      }),
    },
    'node.deploy': {
      deadlineMs: throughRamdisk,
      handler: deployNode(parts),
      settle: settleNode(parts, { done: () => 'done', also: () => ({ power_state: 'power on' }) }),
    },
    'node.undeploy': {
      deadlineMs: ramdiskTimeoutMs + 24 * 60 * minute,
      handler: undeployNode(parts),
      settle: settleNode(parts, { done: () => 'done', also: () => ({ clean_step: '{}' }) }),
    },
    'node.rescue': { deadlineMs: throughRamdisk, handler: rescueNode(parts), settle: done },
    'node.unrescue': { deadlineMs: throughRamdisk, handler: unrescueNode(parts), settle: done },
    'node.service': { deadlineMs: throughRamdisk, handler: serviceNode(parts), settle: done },
    'node.power': {
      deadlineMs: 10 * minute,
      handler: powerNode(parts),
      // The new power and the end of the reservation show together: who sees the one may ask for the next.
      settle: settleNode(parts, {
        done: () => 'done',
        also: (result) => ({ power_state: textInput(result, 'power_state') }),
      }),
    },
  };
}
