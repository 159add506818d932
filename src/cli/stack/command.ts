// `undercloud deploy`, `plan`, `status` and `destroy`.
import type { Command } from 'commander';
import { ApiFailure, type ApiJson, type Client } from '../client/index.ts';
import { operationsIn } from '../operation/open.ts';
import { ago, type Printer } from '../print/index.ts';
import { openSession, type SessionFlags, withSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { wholeNumber } from '../whole-number.ts';
import { showPlan } from './show-plan.ts';
import { parseParameters, readStackFiles } from './stack-files.ts';
import { reportEnd, watchStack } from './watch.ts';

interface InputFlags extends SessionFlags {
  readonly template?: string;
  readonly environment: string[];
  readonly parameter: string[];
  readonly timeout?: number;
}

const many = (value: string, all: string[]) => [...all, value];

function withInputs(command: Command): Command {
  return withSession(command)
    .option('-t, --template <file>', 'Heat template')
    .option('-e, --environment <file>', 'environment file (repeat; later ones win)', many, [])
    .option('-P, --parameter <key=value>', 'parameter (repeat)', many, [])
    .option('--timeout <minutes>', 'give up after this long', wholeNumber);
}

function body(name: string, flags: InputFlags) {
  if (flags.template === undefined) throw new UsageError('give the template with -t FILE');
  return {
    stack_name: name,
    ...readStackFiles(flags.template, flags.environment),
    environment: {},
    parameters: parseParameters(flags.parameter),
    ...(flags.timeout === undefined ? {} : { timeout_mins: flags.timeout }),
  };
}

export function registerPlanCommand(program: Command): void {
  withInputs(program.command('plan <name>'))
    .description('Show what deploy would do, resource by resource; stored, so that deploy --plan applies exactly that')
    .action(async (name: string, flags: InputFlags) => {
      const { client, printer } = openSession(flags);
      const { plan } = await client.post('orchestration', '/plans', body(name, flags));
      printer.data(plan);
      showPlan(plan, printer);
      printer.line(
        `plan ${plan.id} (digest ${plan.digest.slice(0, 12)}), apply it with: undercloud deploy ${name} --plan ${plan.id}`,
      );
    });
}

export function registerDeployCommand(program: Command): void {
  withInputs(program.command('deploy <name>'))
    .description('Make or update a stack and follow it to its end; interrupting changes nothing on the server')
    .option('--plan <id>', 'apply this plan exactly as it was shown')
    .option('--no-wait', 'return as soon as the work has begun')
    .action(async (name: string, flags: InputFlags & { plan?: string; wait: boolean }) => {
      const { client, printer } = openSession(flags);
      const plan = flags.plan ?? (await client.post('orchestration', '/plans', body(name, flags))).plan.id;
      if (flags.plan === undefined) showPlan((await client.get('orchestration', `/plans/${plan}`)).plan, printer);
      const { stack } = await client.post('orchestration', `/plans/${encodeURIComponent(plan)}/apply`, {});
      await followOrLeave(
        client,
        printer,
        { id: stack.id, name: stack.stack_name, operationId: stack.operation_id },
        flags.wait,
      );
    });
}

export function registerDestroyCommand(program: Command): void {
  withSession(program.command('destroy <name>'))
    .description('Delete a stack and give its machines back')
    .option('--yes', 'do not ask')
    .option('--no-wait', 'return as soon as the work has begun')
    .action(async (name: string, flags: SessionFlags & { yes?: boolean; wait: boolean }) => {
      const { client, printer } = openSession(flags);
      const { stack } = await client.get('orchestration', `/stacks/${encodeURIComponent(name)}`);
      if (!flags.yes && !(await confirm(`delete stack ${stack.stack_name} and everything in it?`))) return;
      await client.call('orchestration', 'DELETE', `/stacks/${encodeURIComponent(stack.stack_name)}/${stack.id}`);
      const { operations } = await client.get('operations', `?target=stack:${stack.id}&limit=1`);
      await followOrLeave(
        client,
        printer,
        { id: stack.id, name: stack.stack_name, operationId: operations[0].id },
        flags.wait,
      );
    });
}

export function registerStatusCommand(program: Command): void {
  withSession(program.command('status [stack]'))
    .description('Where everything stands: stacks, machines, what runs, waits or is parked, and why')
    .action(async (name: string | undefined, flags: SessionFlags) => {
      const { client, printer } = openSession(flags);
      if (name === undefined) await showAll(client, printer);
      else await showStack(client, printer, name);
    });
}

async function followOrLeave(
  client: Client,
  printer: Printer,
  stack: { id: string; name: string; operationId: string },
  wait: boolean,
): Promise<void> {
  if (!wait) {
    printer.data(stack);
    printer.line(`begun; follow it with: undercloud wait ${stack.operationId}`);
    return;
  }
  process.once('SIGINT', () => {
    process.stderr.write(`\nthe work goes on; follow it with: undercloud wait ${stack.operationId}\n`);
    process.exit(130);
  });
  const end = await watchStack(client, printer, stack);
  printer.data(end);
  reportEnd(end, printer);
  if (end.operation.state !== 'done') process.exitCode = 1;
}

async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError(`${question} Say so with --yes.`);
  const { createInterface } = await import('node:readline/promises');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await reader.question(`${question} [y/N] `);
  reader.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function showAll(client: Client, printer: Printer): Promise<void> {
  const [{ stacks }, nodes, open] = await Promise.all([
    client.get('orchestration', '/stacks'),
    client.pages('baremetal', '/v1/nodes?fields=uuid,name,provision_state,power_state,maintenance', 'nodes'),
    operationsIn(client, ['parked', 'running', 'waiting', 'queued']),
  ]);
  printer.data({ stacks, nodes, operations: open });
  if (printer.json) return;
  const states = new Map<string, number>();
  for (const node of nodes) states.set(node.provision_state, (states.get(node.provision_state) ?? 0) + 1);
  printer.line(
    `machines: ${nodes.length === 0 ? 'none enrolled' : [...states].map(([state, count]) => `${count} ${state}`).join(', ')}`,
  );
  printer.table(
    ['stack', 'status', 'since', 'reason'],
    stacks.map((stack: ApiJson) => [
      stack.stack_name,
      stack.stack_status,
      ago(stack.updated_time ?? stack.creation_time),
      stack.stack_status_reason,
    ]),
    'stacks: none',
  );
  if (open.length > 0) {
    printer.line('');
    showOperations(open, printer);
  }
}

function showOperations(operations: readonly ApiJson[], printer: Printer): void {
  printer.table(
    ['operation', 'kind', 'state', 'for', 'deadline', 'why'],
    operations.map((one) => [
      one.id,
      one.kind,
      one.state,
      ago(one.created_at).replace(/ ago$/, ''),
      one.deadline_at ? one.deadline_at.slice(0, 19).replace('T', ' ') : '',
      one.failure?.cause ?? one.reason ?? '',
    ]),
  );
}

async function showStack(client: Client, printer: Printer, name: string): Promise<void> {
  const { stack } = await client.get('orchestration', `/stacks/${encodeURIComponent(name)}`);
  const { resources } = await client.get(
    'orchestration',
    `/stacks/${encodeURIComponent(stack.stack_name)}/${stack.id}/resources?nested_depth=max`,
  );
  const { operations } = await client.get('operations', `?target=stack:${stack.id}&limit=1`).catch((error: unknown) => {
    if (error instanceof ApiFailure && error.status === 403) return { operations: [] };
    throw error;
  });
  printer.data({ stack, resources, operation: operations[0] ?? null });
  printer.line(`${stack.stack_name}  ${stack.stack_status}  ${stack.stack_status_reason}`);
  printer.table(
    ['resource', 'type', 'status', 'physical id', 'reason'],
    resources.map((one: ApiJson) => [
      one.parent_resource ? `${one.parent_resource}/${one.resource_name}` : one.resource_name,
      one.resource_type,
      one.resource_status,
      one.physical_resource_id,
      /FAILED$/.test(one.resource_status) ? one.resource_status_reason : '',
    ]),
  );
  for (const output of stack.outputs ?? [])
    printer.line(`${output.output_key}: ${JSON.stringify(output.output_value)}`);
  const [operation] = operations;
  if (operation && ['parked', 'failed'].includes(operation.state))
    printer.line(`when the cause is gone: undercloud resume ${stack.stack_name}`);
}
