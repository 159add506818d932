// What the routes of a node's console do: show where it is, switch it on and off.
import { type Static, Type } from '@sinclair/typebox';
import { HardwareError } from '../../hardware/index.ts';
import { type Answer, ApiError, type ApiRequest, empty, json } from '../../openstack/index.ts';
import { enforceOnNode } from '../access.ts';
import { errors } from '../errors.ts';
import { changeNode } from '../node/change.ts';
import { flagOf } from '../node/create.ts';
import { findNode, lockNode } from '../node/find.ts';
import { because } from '../node/handlers.ts';
import { patiently } from '../node/patience.ts';
import type { Parts } from '../parts.ts';
import type { NodeRow } from '../store.ts';
import { machineOf } from '../work/node-work.ts';
import { consolePort, freeConsolePort } from './consoles.ts';

export const consoleSchema = Type.Object({ enabled: Type.Union([Type.Boolean(), Type.String()]) });

type Request<Body = unknown> = ApiRequest<unknown, Body>;

export function consoleHandlers(parts: Parts) {
  return {
    async show(request: Request): Promise<Answer> {
      const ident = request.params.node ?? '';
      const node = await findNode(parts.database, ident);
      enforceOnNode(request, 'baremetal:node:get_console', node, ident);
      refuseWithout(node);
      return json({ console_enabled: node.console_enabled, console_info: node.console_enabled ? info(node) : null });
    },
    async set(request: Request<Static<typeof consoleSchema>>): Promise<Answer> {
      const { context, params, body } = request;
      const on = flagOf('enabled', body.enabled) ?? false;
      // Whether a BMC offers a console it is asked before the node is locked: that may take its time.
      const before = await findNode(parts.database, params.node ?? '');
      enforceOnNode(request, 'baremetal:node:set_console_state', before, params.node);
      refuseWithout(before);
      await validate(before);
      await patiently(() =>
        parts.database.transaction().execute(async (tx) => {
          const ident = params.node ?? '';
          const node = await lockNode(tx, ident);
          enforceOnNode(request, 'baremetal:node:set_console_state', node, ident);
          if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation);
          refuseWithout(node);
          if (on === node.console_enabled) return;
          const { allocated_ipmi_terminal_port: _port, ...internal } = node.driver_internal_info;
          const needsPort = on && node.console_interface !== 'fake' && !node.driver_info.ipmi_terminal_port;
          const port = needsPort ? { allocated_ipmi_terminal_port: await freeConsolePort(parts, tx) } : {};
          const change = { console_enabled: on, driver_internal_info: JSON.stringify({ ...internal, ...port }) };
          await changeNode(parts, tx, node, { ...change, last_error: null }, because(request));
        }),
      );
      await parts.consoles.follow();
      return empty(202, { location: `${context.baseUrl}/v1/nodes/${params.node}/states/console` });
    },
  };

  /** Where clients find it; nothing for a machine whose console is only played. */
  function info(node: NodeRow): object {
    const port = consolePort(node);
    return port === null ? {} : { type: 'socat', url: `tcp://${parts.config.console.address}:${port}` };
  }
  async function validate(node: NodeRow): Promise<void> {
    if (node.console_interface === 'fake') return;
    try {
      await machineOf(parts, node).console.command();
    } catch (error) {
      if (!(error instanceof HardwareError)) throw error;
      throw new ApiError('HardwareFailed', 400, error.message, error.hint, undefined, { cause: error });
    }
  }
}

function refuseWithout(node: NodeRow): void {
  if (node.console_interface === null || node.console_interface === 'no-console')
    throw errors.UnsupportedInterface(node.driver, 'console');
}
