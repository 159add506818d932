// Runs one long command of the agent to its end, and finds it again after a restart of this program.
import type { Command } from '../../agent/index.ts';
import { type OperationContext, OperationFailed } from '../../operations/index.ts';
import { type AgentClient, AgentSilent, agentOf, nextHeartbeat, reasonOf } from '../machine/agent-client.ts';
import type { Parts } from '../parts.ts';
import { earlierCommands } from './fast-track.ts';
import type { NodeWork } from './node-work.ts';

/** A command is looked at again after a twentieth of the time that it has run, at the latest after this. */
const longestPollMs = 10_000;

export interface AgentWork {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  /**
   * How many commands of this name the operation has sent to this ramdisk before: tells a later run of a step which of the
   * agent's commands is its own. A ramdisk belongs to the operation that started it, or has taken it over.
   */
  readonly ordinal: number;
}

/**
 * Starts the command unless the agent has it already, then waits for its end with progress. Throws OperationFailed with the
 * agent's own words when it fails, when the machine falls silent or when the time is over.
 */
export async function agentCommand(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  { name, params, ordinal }: AgentWork,
): Promise<Command> {
  const agent = await agentOf(parts, work.uuid);
  const earlier = earlierCommands(await work.read());
  const began = Date.now();
  const deadline = began + parts.config.agentCommandTimeoutMs;
  let heardAt = Date.now();
  let command: Command | undefined;
  for (;;) {
    try {
      const ours = (await agent.commands()).filter(
        ({ id, command_name: one }) => (one === bare(name) || one === name) && !earlier.includes(id),
      );
      command = ours[ordinal] ?? (await start(agent, context, work, name, params));
      heardAt = Date.now();
    } catch (error) {
      if (!(error instanceof AgentSilent)) throw error;
      if (Date.now() - heardAt > parts.config.agentSilenceMs) {
        throw new OperationFailed(
          `The machine fell silent during ${name}: ${error.message}.`,
          "Look at the machine's console and power; then ask for the same again.",
        );
      }
    }
    if (command && command.command_status !== 'RUNNING') return ended(name, command);
    if (command) tellProgress(context, command);
    if (Date.now() > deadline) {
      throw new OperationFailed(
        `${name} did not end within ${Math.round(parts.config.agentCommandTimeoutMs / 60_000)} min.`,
        "Look at the machine's console and at the network between it and this server.",
      );
    }
    // A thousand machines that write at once would be asked a thousand times a second; our agent calls when it has ended.
    const restMs = Math.min((Date.now() - began) / 20, longestPollMs);
    await nextHeartbeat(work.uuid, Math.max(restMs, parts.config.agentPollMs));
  }
}

/** Agents report a command with or without the name of its extension. */
function bare(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}

async function start(
  agent: AgentClient,
  context: OperationContext,
  work: NodeWork,
  name: string,
  params: Readonly<Record<string, unknown>>,
): Promise<Command> {
  await work.change({ last_intent: JSON.stringify({ action: name, at: new Date().toISOString() }) });
  await context.pausePoint(`${name}:noted`);
  const command = await agent.send(name, params);
  await context.pausePoint(`${name}:asked`);
  return command;
}

function ended(name: string, command: Command): Command {
  if (command.command_status === 'SUCCEEDED') return command;
  throw new OperationFailed(
    `${name} failed on the machine: ${reasonOf(command) || command.command_status}.`,
    "The agent's log is on the console of the machine.",
  );
}

function tellProgress(context: OperationContext, command: Command): void {
  const done = command.command_result?.bytes_done;
  const total = command.command_result?.bytes_total;
  if (typeof done === 'number') context.progress(done, typeof total === 'number' && total > 0 ? total : null, 'bytes');
}
