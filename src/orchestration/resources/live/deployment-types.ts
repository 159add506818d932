// Software deployments as resources: hands a config to a machine and waits for its report.
import { createHash } from 'node:crypto';
import type { Database } from '../../../database/index.ts';
import { type OperationContext, OperationFailed } from '../../../operations/index.ts';
import type { Channels } from '../../software-config/channel.ts';
import type { MetadataChanges } from '../../software-config/machine-routes.ts';
import {
  type ConfigInput,
  deleteConfig,
  deleteDeployment,
  findConfig,
  findDeployment,
  insertConfig,
  putDeployment,
} from '../../software-config/store.ts';
import { fillInputs } from './config-types.ts';
import type { DurableType, Existing, Properties, ResourcePlace, ResourceState } from './contract.ts';

export interface DeploymentDependencies {
  readonly database: Database;
  readonly channels: Channels;
  readonly changes: MetadataChanges;
}

const hourMs = 3_600_000;
const lookAgainMs = 60_000;

function map(value: unknown): Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** A UUID that is the same for the same words: a repeated step makes no second config. */
function derivedId(...words: readonly string[]): string {
  const hex = createHash('sha256').update(words.join('\n')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** OS::Heat::SoftwareDeployment and, with `structured`, OS::Heat::StructuredDeployment. */
export function deploymentType(
  structured: boolean,
  { database, channels, changes }: DeploymentDependencies,
): DurableType {
  async function hand(
    operation: OperationContext,
    place: ResourcePlace,
    deploymentId: string,
    properties: Properties,
    action: string,
  ): Promise<void> {
    const serverId = String(properties.server);
    const base = typeof properties.config === 'string' ? await findConfig(database, properties.config) : undefined;
    if (properties.config !== undefined && properties.config !== null && !base)
      throw new OperationFailed(`software config ${String(properties.config)} could not be found`, '');
    const values = map(properties.input_values);
    const inputs: ConfigInput[] = [
      ...(base?.inputs ?? []).map((input) => ({ ...input, value: values[input.name] ?? input.default ?? null })),
      ...Object.entries(values)
        .filter(([name]) => !base?.inputs.some((input) => input.name === name))
        .map(([name, value]) => ({ name, type: 'String', value })),
      ...standardInputs(place, serverId, action, channels.url('signal', deploymentId)),
    ];
    const defaults = Object.fromEntries((base?.inputs ?? []).map((input) => [input.name, input.default ?? null]));
    const merged = { ...defaults, ...values };
    const inputKey = typeof properties.input_key === 'string' ? properties.input_key : 'get_input';
    const config = structured ? fillInputs(base?.config ?? {}, inputKey, merged) : (base?.config ?? null);
    const id = derivedId(
      deploymentId,
      action,
      JSON.stringify([config, inputs, operation.operation.id, operation.operation.epoch]),
    );
    await database.transaction().execute(async (tx) => {
      await insertConfig(tx, {
        id,
        projectId: place.projectId,
        name: typeof properties.name === 'string' ? properties.name : `${place.stackName}-${place.name}`,
        group:
          structured && (base?.config_group ?? 'Heat::Ungrouped') === 'Heat::Ungrouped'
            ? 'os-apply-config'
            : (base?.config_group ?? 'Heat::Ungrouped'),
        config,
        inputs,
        outputs: base?.outputs ?? [],
        options: base?.options ?? null,
      });
      const before = await findDeployment(tx, deploymentId);
      // A crash between this commit and the step's journal repeats the step: a result that came meanwhile is kept.
      if (before?.config_id === id) return;
      await putDeployment(tx, {
        id: deploymentId,
        projectId: place.projectId,
        serverId,
        configId: id,
        stackId: place.stackId,
        resourceName: place.name,
        action,
        status: 'IN_PROGRESS',
        statusReason: 'Deploy data available',
        operationId: operation.operation.id,
      });
      if (before) await deleteConfig(tx, before.config_id);
    });
    changes.changed(serverId);
  }

  async function deploy(
    operation: OperationContext,
    place: ResourcePlace,
    physicalId: string,
    properties: Properties,
    action: string,
  ): Promise<ResourceState> {
    const actions = Array.isArray(properties.deploy_actions) ? properties.deploy_actions : ['CREATE', 'UPDATE'];
    if (!actions.includes(action)) return { physicalId, attributes: {} };
    await operation.step(`hand ${place.name} to its machine`, () =>
      hand(operation, place, physicalId, properties, action),
    );
    if (properties.signal_transport === 'NO_SIGNAL') return { physicalId, attributes: {} };
    for (;;) {
      const end = await operation.step('look at the deployment', () => endOf(database, physicalId), {
        reason: `waiting for ${place.name} on server ${String(properties.server)}`,
      });
      if (end.status === 'COMPLETE') return { physicalId, attributes: map(end.outputs) };
      if (end.status === 'FAILED') throw new OperationFailed(`${place.name}: ${end.reason}`, end.hint);
      await operation.waitFor('signal', {
        reason: `waiting for ${place.name} on server ${String(properties.server)} to report`,
        timeoutMs: lookAgainMs,
      });
    }
  }

  return {
    kind: 'durable',
    deadlineMs: hourMs,
    create: (operation, place, properties) => deploy(operation, place, place.id, properties, 'CREATE'),
    update: (operation, place, properties, before) =>
      deploy(operation, place, idOf(place, before), properties, 'UPDATE'),
    check: (operation, place, before) =>
      operation.step('look at the deployment', async () => {
        const row = uuid.test(before.physicalId) ? await findDeployment(database, before.physicalId) : undefined;
        if (row?.project_id !== place.projectId)
          throw new OperationFailed(`software deployment ${before.physicalId} is gone`, '');
        if (row.status === 'FAILED') throw new OperationFailed(row.status_reason, '');
        return { physicalId: row.id, attributes: JSON.parse(JSON.stringify(map(row.output_values))) };
      }),
    async delete(operation, place, before: Existing) {
      const actions = Array.isArray(before.properties.deploy_actions) ? before.properties.deploy_actions : [];
      if (actions.includes('DELETE') && before.physicalId !== '')
        await deploy(operation, place, before.physicalId, before.properties, 'DELETE');
      await operation.step('remove the deployment', async () => {
        const id = idOf(place, before);
        const row = await findDeployment(database, id);
        if (!row) return;
        await database.transaction().execute(async (tx) => {
          await deleteDeployment(tx, id);
          await deleteConfig(tx, row.config_id);
        });
        changes.changed(row.server_id);
      });
    },
  };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A deployment bears its resource's id, unless another stack made it. */
const idOf = (place: ResourcePlace, before: Existing) => (before.physicalId === '' ? place.id : before.physicalId);

async function endOf(database: Database, id: string) {
  const row = await findDeployment(database, id);
  if (!row) return { status: 'FAILED', reason: 'its deployment was deleted', hint: '', outputs: null };
  const outputs = map(row.output_values);
  const stderr =
    typeof outputs.deploy_stderr === 'string' ? outputs.deploy_stderr.trim().split('\n').slice(-3).join(' | ') : '';
  return {
    status: row.status,
    reason: row.status_reason,
    hint: stderr === '' ? 'See deploy_stdout and deploy_stderr of the deployment.' : `Its last words: ${stderr}`,
    outputs: JSON.parse(JSON.stringify(outputs)),
  };
}

/** The inputs every hook gets (Heat, "Software deployment": derived inputs). */
function standardInputs(place: ResourcePlace, serverId: string, action: string, signalUrl: string): ConfigInput[] {
  const text = (name: string, description: string, value: string): ConfigInput => ({
    name,
    type: 'String',
    description,
    value,
  });
  return [
    text('deploy_server_id', 'ID of the server being deployed to', serverId),
    text('deploy_action', 'Name of the current action being deployed', action),
    text('deploy_stack_id', 'ID of the stack this deployment belongs to', `${place.stackName}/${place.stackId}`),
    text('deploy_resource_name', 'Name of this deployment resource in the stack', place.name),
    text(
      'deploy_signal_transport',
      'How the server should signal to heat with the deployment output values.',
      'TEMP_URL_SIGNAL',
    ),
    text('deploy_signal_id', 'ID of signal to use for signaling output values', signalUrl),
    text('deploy_signal_verb', 'HTTP verb to use for signaling output values', 'POST'),
  ];
}
