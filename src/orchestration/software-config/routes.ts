// Heat's software config and deployment API on one page.
import { randomUUID } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import type { Database } from '../../database/index.ts';
import { type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { MetadataChanges } from './machine-routes.ts';
import { deploymentsOf } from './metadata.ts';
import {
  type ConfigRow,
  configInUse,
  type DeploymentRow,
  deleteConfig,
  deleteDeployment,
  findConfig,
  findDeployment,
  insertConfig,
  listConfigs,
  listDeployments,
  putDeployment,
  updateDeployment,
} from './store.ts';

const anything = Type.Unknown();
const nullable = <T extends ReturnType<typeof Type.String>>(schema: T) => Type.Union([schema, Type.Null()]);
const io = Type.Array(Type.Object({ name: Type.String() }, { additionalProperties: true }));
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const configBody = Type.Object({
  name: Type.Optional(nullable(Type.String())),
  group: Type.Optional(nullable(Type.String())),
  config: Type.Optional(anything),
  inputs: Type.Optional(Type.Union([io, Type.Null()])),
  outputs: Type.Optional(Type.Union([io, Type.Null()])),
  options: Type.Optional(anything),
});
const deploymentBody = Type.Object({
  config_id: Type.String({ pattern: uuid.source }),
  server_id: Type.String(),
  action: Type.Optional(nullable(Type.String())),
  status: Type.Optional(nullable(Type.String())),
  status_reason: Type.Optional(nullable(Type.String())),
  input_values: Type.Optional(anything),
  stack_user_project_id: Type.Optional(nullable(Type.String())),
  id: Type.Optional(Type.String({ pattern: uuid.source })),
});
const deploymentChange = Type.Partial(Type.Omit(deploymentBody, ['server_id', 'id', 'stack_user_project_id']));

const time = (date: Date | null) => (date === null ? null : date.toISOString().replace(/\.\d+Z$/, 'Z'));

function configView(config: ConfigRow, whole: boolean) {
  const summary = {
    id: config.id,
    name: config.name,
    group: config.config_group,
    creation_time: time(config.creation_time),
  };
  return whole
    ? { ...summary, config: config.config, inputs: config.inputs, outputs: config.outputs, options: config.options }
    : summary;
}

function deploymentView(deployment: DeploymentRow) {
  return {
    id: deployment.id,
    server_id: deployment.server_id,
    config_id: deployment.config_id,
    action: deployment.action,
    status: deployment.status,
    status_reason: deployment.status_reason,
    input_values: deployment.input_values ?? {},
    output_values: deployment.output_values ?? {},
    creation_time: time(deployment.creation_time),
    updated_time: time(deployment.updated_time),
  };
}

/** Routes below /v1/:tenant. Configs and deployments belong to the caller's project. */
export function softwareConfigRoutes(database: Database, changes: MetadataChanges): Route[] {
  const project = (request: ApiRequest): string => request.params.tenant ?? '';
  const config = async (request: ApiRequest): Promise<ConfigRow> => {
    const id = request.params.id ?? '';
    const row = uuid.test(id) ? await findConfig(database, id, project(request)) : undefined;
    if (!row) throw errors.EntityNotFound('Software config', id);
    return row;
  };
  const deployment = async (request: ApiRequest): Promise<DeploymentRow> => {
    const id = request.params.id ?? '';
    const row = uuid.test(id) ? await findDeployment(database, id, project(request)) : undefined;
    if (!row) throw errors.EntityNotFound('Software deployment', id);
    return row;
  };
  return [
    route({
      method: 'GET',
      path: '/v1/:tenant/software_configs',
      policy: 'software_configs:index',
      summary: 'Lists software configs',
      query: Type.Object({
        limit: Type.Optional(Type.String({ pattern: '^[0-9]+$' })),
        marker: Type.Optional(Type.String({ pattern: uuid.source })),
      }),
      handler: async (request) => {
        const rows = await listConfigs(
          database,
          project(request),
          Number(request.query.limit ?? 1000),
          request.query.marker,
        );
        return json({ software_configs: rows.map((row) => configView(row, false)) });
      },
    }),
    route({
      method: 'POST',
      path: '/v1/:tenant/software_configs',
      policy: 'software_configs:create',
      summary: 'Creates a software config',
      body: configBody,
      handler: async (request) => {
        const { body } = request;
        const row = await insertConfig(database, {
          projectId: project(request),
          name: body.name ?? '',
          group: body.group ?? 'Heat::Ungrouped',
          config: body.config ?? null,
          inputs: body.inputs ?? [],
          outputs: body.outputs ?? [],
          options: body.options ?? null,
        });
        return json({ software_config: configView(row, true) });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/software_configs/:id',
      policy: 'software_configs:show',
      summary: 'Shows a software config',
      handler: async (request) => json({ software_config: configView(await config(request), true) }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/:tenant/software_configs/:id',
      policy: 'software_configs:delete',
      summary: 'Deletes a software config that no deployment uses',
      handler: async (request) => {
        const { id } = await config(request);
        if (await configInUse(database, id)) throw errors.ConfigInUse(id);
        await deleteConfig(database, id);
        return empty();
      },
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/software_deployments',
      policy: 'software_deployments:index',
      summary: 'Lists software deployments',
      query: Type.Object({ server_id: Type.Optional(Type.String()) }),
      handler: async (request) => {
        const { server_id } = request.query;
        const rows = await listDeployments(database, {
          projectId: project(request),
          ...(server_id === undefined ? {} : { serverId: server_id }),
        });
        return json({ software_deployments: rows.map(deploymentView) });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/software_deployments/metadata/:server',
      policy: 'software_deployments:metadata',
      summary: 'What a server is to run',
      handler: async (request) =>
        json({ metadata: await deploymentsOf(database, request.params.server ?? '', project(request)) }),
    }),
    route({
      method: 'POST',
      path: '/v1/:tenant/software_deployments',
      policy: 'software_deployments:create',
      summary: 'Creates a software deployment',
      body: deploymentBody,
      handler: async (request) => {
        const { body } = request;
        if (!(await findConfig(database, body.config_id, project(request))))
          throw errors.EntityNotFound('Software config', body.config_id);
        const row = await putDeployment(database, {
          id: body.id ?? randomUUID(),
          projectId: project(request),
          serverId: body.server_id,
          configId: body.config_id,
          action: body.action ?? 'INIT',
          status: body.status ?? 'COMPLETE',
          statusReason: body.status_reason ?? '',
          inputValues: body.input_values,
        });
        changes.changed(row.server_id);
        return json({ software_deployment: deploymentView(row) });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/software_deployments/:id',
      policy: 'software_deployments:show',
      summary: 'Shows a software deployment',
      handler: async (request) => json({ software_deployment: deploymentView(await deployment(request)) }),
    }),
    route({
      method: 'PUT',
      path: '/v1/:tenant/software_deployments/:id',
      policy: 'software_deployments:update',
      summary: 'Changes a software deployment',
      body: deploymentChange,
      handler: async (request) => {
        const { body } = request;
        const row = await deployment(request);
        if (body.config_id !== undefined && !(await findConfig(database, body.config_id, project(request)))) {
          throw errors.EntityNotFound('Software config', body.config_id);
        }
        const changed = await updateDeployment(database, row.id, {
          ...(body.config_id === undefined ? {} : { config_id: body.config_id }),
          ...(body.action == null ? {} : { action: body.action }),
          ...(body.status == null ? {} : { status: body.status }),
          ...(body.status_reason == null ? {} : { status_reason: body.status_reason }),
          ...(body.input_values === undefined ? {} : { input_values: body.input_values }),
        });
        changes.changed(row.server_id);
        return json({ software_deployment: deploymentView(changed ?? row) });
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/:tenant/software_deployments/:id',
      policy: 'software_deployments:delete',
      summary: 'Deletes a software deployment',
      handler: async (request) => {
        const row = await deployment(request);
        await deleteDeployment(database, row.id);
        changes.changed(row.server_id);
        return empty();
      },
    }),
  ];
}
