// Builds orchestration: the stack service, its operations, its API and the machines' channel.
import type { Database } from '../database/index.ts';
import { type Api, orchestrationFault } from '../openstack/index.ts';
import type { Operations } from '../operations/index.ts';
import { type ApplyDependencies, resourceOperationKind, stackOperationKind } from './apply/dependencies.ts';
import { resourceOperation } from './apply/resource-operation.ts';
import { stackOperation } from './apply/stack-operation.ts';
import { createPlanService, type PlanServiceOptions } from './plan/plans.ts';
import { orchestrationPolicy } from './policy.ts';
import { resourceTypes } from './resources/index.ts';
import { multipartMimeType, softwareConfigType, structuredConfigType } from './resources/live/config-types.ts';
import type { LiveType } from './resources/live/contract.ts';
import { deploymentType } from './resources/live/deployment-types.ts';
import { stackType } from './resources/live/stack-type.ts';
import { testResourceType } from './resources/live/test-type.ts';
import { noneType, randomStringType, valueType } from './resources/live/value-types.ts';
import { waitConditionType, waitHandleType } from './resources/live/wait-types.ts';
import { actionRoutes } from './routes/actions.ts';
import { eventRoutes } from './routes/events.ts';
import { planRoutes } from './routes/plans.ts';
import { previewRoutes } from './routes/previews.ts';
import { resourceRoutes } from './routes/resources.ts';
import { snapshotRoutes } from './routes/snapshots.ts';
import { stackPartRoutes } from './routes/stack-parts.ts';
import { stackRoutes } from './routes/stacks.ts';
import { templateRoutes } from './routes/templates.ts';
import { versionRoutes } from './routes/versions.ts';
import { createStackService, type StackService } from './service.ts';
import { createSnapshots } from './snapshot/snapshots.ts';
import { type Channels, createChannels } from './software-config/channel.ts';
import { createMetadataChanges, machineApi } from './software-config/machine-routes.ts';
import { signalResource } from './software-config/resource-signal.ts';
import { softwareConfigRoutes } from './software-config/routes.ts';
import type { ConstraintQuestions } from './stack/constraints.ts';
import { createGraphSource } from './stack/graph-source.ts';
import { createSecrets, type Secrets } from './stack/secrets.ts';

export interface OrchestrationOptions {
  readonly database: Database;
  readonly operations: Operations;
  /** 32 bytes that the machines' addresses are made with. */
  readonly secret: Buffer;
  /** Where machines call: `http://192.168.24.1:8088`. */
  readonly machinesOrigin: () => string;
  /** Behaviour of the types that other services serve (servers, ports, ...), given the machines' channels and what seals secrets. */
  readonly types: (channels: Channels, secrets: Secrets) => ReadonlyMap<string, LiveType>;
  /** What templates may ask of other services, by constraint name. */
  readonly questions: ConstraintQuestions;
  readonly fitting: PlanServiceOptions['fitting'];
  /** Name of this region, for stacks that make stacks. */
  readonly region?: string;
  /** A server's machine has come up and asks for its metadata for the first time. */
  readonly firstReport?: (serverId: string) => Promise<void>;
}

export interface Orchestration {
  readonly api: Api;
  /** What machines call on the provisioning network. */
  readonly machineApi: Api;
  readonly stacks: StackService;
  /** Names of the resource types that stacks can create, beside groups and nested stacks. */
  readonly creatable: readonly string[];
}

/** Defines its operations, so call it before `operations.launch()`. */
export function createOrchestration({
  database,
  operations,
  secret,
  machinesOrigin,
  types,
  questions,
  fitting,
  region = 'RegionOne',
  firstReport = async () => {},
}: OrchestrationOptions): Orchestration {
  const channels = createChannels(secret, machinesOrigin);
  const secrets = createSecrets(secret);
  const changes = createMetadataChanges();
  const deployments = { database, channels, changes };
  const live = new Map<string, LiveType>([
    ['OS::Heat::RandomString', randomStringType],
    ['OS::Heat::Value', valueType],
    ['OS::Heat::None', noneType],
    ['OS::Heat::TestResource', testResourceType],
    ['OS::Heat::WaitCondition', waitConditionType(database)],
    ['OS::Heat::WaitConditionHandle', waitHandleType(channels)],
    ['OS::Heat::MultipartMime', multipartMimeType],
    ['OS::Heat::SoftwareConfig', softwareConfigType],
    ['OS::Heat::StructuredConfig', structuredConfigType],
    ['OS::Heat::SoftwareDeployment', deploymentType(false, deployments)],
    ['OS::Heat::StructuredDeployment', deploymentType(true, deployments)],
    ...types(channels, secrets),
  ]);
  const graphs = createGraphSource(resourceTypes);
  const dependencies: ApplyDependencies = {
    operations,
    types: resourceTypes,
    live,
    secrets,
    graphOf: (tx, root, values) => graphs.ofStack(tx, root, values),
  };
  operations.define(resourceOperationKind, resourceOperation(dependencies, database));
  operations.define(stackOperationKind, stackOperation(dependencies, database));
  const signal = (id: string, details: Readonly<Record<string, unknown>>) =>
    signalResource({ database, operations, live }, id, details);
  const stacks = createStackService({ database, operations, graphs, live, secrets, questions });
  live.set('OS::Heat::Stack', stackType(database, stacks, region));
  const sources = { types: resourceTypes, live, secrets };
  const plans = createPlanService({ database, stacks, sources, fitting });
  return {
    stacks,
    creatable: [...live.keys()].sort(),
    machineApi: machineApi({ database, operations, channels, changes, signal, firstReport }),
    api: {
      service: 'orchestration',
      path: '/orchestration',
      policy: orchestrationPolicy,
      renderFault: orchestrationFault,
      bodyLimit: 64 * 1024 * 1024,
      routes: [
        ...versionRoutes(),
        ...templateRoutes(graphs, questions),
        ...planRoutes(plans),
        ...stackRoutes(database, stacks),
        ...previewRoutes(database, stacks, sources),
        ...stackPartRoutes(database, stacks),
        ...actionRoutes(database, stacks),
        ...snapshotRoutes(database, createSnapshots(database, stacks)),
        ...resourceRoutes(database, secrets, signal),
        ...eventRoutes(database),
        ...softwareConfigRoutes(database, changes),
      ],
    },
  };
}
