// The operations on nodes: which handler does each, how long it may take, what its end makes of the node.
import type { OperationKind } from '../../operations/index.ts';
import { endIntrospection } from '../introspection/status.ts';
import { deadlineMs } from '../node/deadline.ts';
import { type NodeOperation, nodeOperationNames } from '../node/provision.ts';
import type { Outcome } from '../node/states.ts';
import type { Parts } from '../parts.ts';
import type { NodeRow } from '../store.ts';
import { keepingLogs } from './agent-logs.ts';
import { keepingBmcCalls } from './bmc-calls.ts';
import { cleanNode } from './clean.ts';
import { deployNode } from './deploy.ts';
import { flagInput, textInput } from './input.ts';
import { inspectNode } from './inspect.ts';
import { powerNode } from './power.ts';
import { reapplyInspection } from './reapply.ts';
import { rescueNode, unrescueNode } from './rescue.ts';
import { serviceNode } from './service.ts';
import { settleNode } from './settle.ts';
import { stepOnNode } from './step-on-node.ts';
import { undeployNode } from './undeploy.ts';
import { verified, verifyNode } from './verify.ts';

/** To be passed to `operations.define` before `launch()`. */
export function nodeOperations(parts: Parts): Readonly<Record<string, OperationKind>> {
  return Object.fromEntries(
    nodeOperationNames.map((kind) => {
      const definition = definitions(parts)[kind];
      const handler = keepingBmcCalls(parts, definition.handler);
      return [kind, { deadlineMs: deadlineMs(parts.config, kind), ...definition, handler }];
    }),
  );
}

/** A node that is to be retired is not offered for use again. */
function cleaned(node: NodeRow): Outcome {
  return node.retired ? 'cleaned' : 'done';
}

function definitions(parts: Parts): Readonly<Record<NodeOperation, Omit<OperationKind, 'deadlineMs'>>> {
  const done = settleNode(parts, { done: () => 'done' });
  const inspected = settleNode(parts, { done: () => 'done', ended: endIntrospection });
  return {
    'node.verify': { handler: verifyNode(parts), settle: settleNode(parts, { done: () => 'done', also: verified }) },
    'node.adopt': { handler: verifyNode(parts), settle: settleNode(parts, { done: () => 'done', also: verified }) },
    'node.inspect': { handler: keepingLogs(parts, inspectNode(parts)), settle: inspected },
    'node.reapply': { handler: reapplyInspection(parts), settle: inspected },
    'node.clean': {
      handler: keepingLogs(parts, cleanNode(parts)),
      settle: settleNode(parts, {
        done: (operation, node) => (flagInput(operation.input, 'manual') ? 'cleaned' : cleaned(node)),
      }),
    },
    'node.deploy': {
      handler: keepingLogs(parts, deployNode(parts)),
      settle: settleNode(parts, { done: () => 'done', also: () => ({ power_state: 'power on' }) }),
    },
    'node.undeploy': {
      handler: keepingLogs(parts, undeployNode(parts)),
      settle: settleNode(parts, { done: (_operation, node) => cleaned(node) }),
    },
    'node.rescue': {
      handler: keepingLogs(parts, rescueNode(parts)),
      settle: settleNode(parts, { done: () => 'done', also: () => ({ rescue_password: null }) }),
    },
    'node.unrescue': { handler: unrescueNode(parts), settle: done },
    'node.service': { handler: keepingLogs(parts, serviceNode(parts)), settle: done },
    'node.step': { handler: stepOnNode(parts), settle: done },
    'node.power': {
      handler: powerNode(parts),
      // The new power and the end of the reservation show together: who sees the one may ask for the next.
      settle: settleNode(parts, {
        done: () => 'done',
        also: (result) => ({ power_state: textInput(result, 'power_state') }),
      }),
    },
  };
}
