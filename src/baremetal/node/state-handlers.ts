// What the routes below /v1/nodes/{node}/states and its neighbours do: provision, power, maintenance, boot settings.
import { type Static, Type } from '@sinclair/typebox';
import type { Transaction } from '../../database/index.ts';
import { type BootDevice, bootDevices } from '../../hardware/index.ts';
import { type Answer, type ApiRequest, atLeast, empty, json } from '../../openstack/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import { enforceOnNode, nodeTarget } from '../access.ts';
import { flag } from '../document/paging.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { runbookFor } from '../runbook/runbook.ts';
import { childrenOfSteps } from '../step/children.ts';
import { stepOf } from '../step/step.ts';
import type { NodeRow } from '../store.ts';
import { throughOf } from '../work/fake.ts';
import { describeImage } from '../work/image-info.ts';
import { asking } from './ask.ts';
import { bootDeviceTold, losesBootDevice } from './boot-device.ts';
import { changeNode } from './change.ts';
import { flagOf } from './create.ts';
import { findNode, lockNode } from './find.ts';
import { because, requested } from './handlers.ts';
import { patiently } from './patience.ts';
import { isPowerAction, powerActions, requestPower } from './power.ts';
import { type Begun, requestVerb, type VerbOptions } from './provision.ts';
import { type raidSchema, refuseRaid } from './raid-config.ts';
import type { ProvisionBody } from './schemas.ts';
import { legalVerbs, type Verb, verbs } from './states.ts';

export const powerSchema = Type.Object(
  { target: Type.String(), timeout: Type.Optional(Type.Union([Type.Integer(), Type.Null()])) },
  { additionalProperties: false },
);
export const bootDeviceSchema = Type.Object(
  {
    boot_device: Type.String(),
    persistent: Type.Optional(Type.Union([Type.Boolean(), Type.String(), Type.Null()])),
  },
  { additionalProperties: false },
);
export const targetSchema = Type.Object({ target: Type.String() }, { additionalProperties: false });
export const secureBootSchema = Type.Object(
  { target: Type.Union([Type.Boolean(), Type.String()]) },
  { additionalProperties: false },
);

type Asked = ApiRequest<unknown, unknown>;

export function stateHandlers(parts: Parts) {
  const { database } = parts;

  /** Runs a change on the node that the path names, if the caller passes the rule for it. */
  function onNode<Result>(
    request: Asked,
    rule: string,
    change: (tx: Transaction, node: NodeRow) => Promise<Result>,
  ): Promise<Result> {
    return patiently(() =>
      database.transaction().execute(async (tx) => {
        const node = await lockNode(tx, request.params.node ?? '');
        enforceOnNode(request, rule, node, request.params.node);
        return change(tx, node);
      }),
    );
  }

  /** Says what is wrong with the image before anything begins; outside the transaction, for it asks the image service. */
  async function refuseImage(node: NodeRow, verb: 'active' | 'rebuild'): Promise<void> {
    if (throughOf(node) === 'fake' || !legalVerbs(node.provision_state).includes(verb)) return;
    try {
      await describeImage(parts, node, verb === 'rebuild');
    } catch (error) {
      if (!(error instanceof OperationFailed)) throw error;
      throw errors.Invalid(
        `Failed to validate deploy or power info for node ${node.uuid}: ${error.message} ${error.hint}`,
      );
    }
  }

  const ask = asking(parts);

  return {
    async provision(request: ApiRequest<unknown, ProvisionBody>): Promise<Answer> {
      const { body, context } = request;
      const ident = request.params.node ?? '';
      const asked = await findNode(database, ident);
      enforceOnNode(request, 'baremetal:node:set_provision_state', asked, ident);
      const verb = verbOf(request, asked);
      if (verb === 'active' || verb === 'rebuild') await refuseImage(asked, verb);
      const begun: Begun = await onNode(request, 'baremetal:node:set_provision_state', async (tx, node) => {
        for (const kind of ['clean_steps', 'service_steps'] as const) {
          if (body[kind]) request.enforce(`baremetal:node:set_provision_state:${kind}`, nodeTarget(node));
        }
        const book = body.runbook === undefined ? {} : await runbookFor(request, tx, node, body.runbook);
        const options = { ...optionsOf(body), ...book };
        for (const child of await childrenOfSteps(tx, node, options.steps ?? []))
          request.enforce('baremetal:node:set_provision_state', nodeTarget(child));
        return requestVerb(parts, tx, node, verb, options, requested(request));
      });
      await begun.afterCommit();
      return empty(202, { location: `${context.baseUrl}/v1/nodes/${request.params.node}/states` });
    },

    async power(request: ApiRequest<unknown, { target: string; timeout?: number | null }>): Promise<Answer> {
      const { target, timeout } = request.body;
      const { microversion, baseUrl } = request.context;
      if (timeout !== undefined && !atLeast(microversion, '1.27'))
        throw errors.NotAcceptable('timeout needs microversion 1.27 or newer.');
      if (target.startsWith('soft') && isPowerAction(target) && !atLeast(microversion, '1.27')) {
        throw errors.NotAcceptable(`"${target}" needs microversion 1.27 or newer.`);
      }
      await onNode(request, 'baremetal:node:set_power_state', (tx, node) => {
        if (!isPowerAction(target))
          throw errors.InvalidStateRequested(target, node.uuid, node.power_state ?? 'unknown', powerActions);
        if (typeof timeout === 'number' && timeout < 1) throw errors.Invalid('timeout should be a positive integer.');
        return requestPower(parts, tx, node, target, {
          ...requested(request),
          ...(typeof timeout === 'number' ? { timeoutMs: timeout * 1000 } : {}),
        });
      });
      return empty(202, { location: `${baseUrl}/v1/nodes/${request.params.node}/states` });
    },

    async raid(request: ApiRequest<unknown, Static<typeof raidSchema>>): Promise<Answer> {
      refuseRaid(request.body);
      await onNode(request, 'baremetal:node:set_raid_state', (tx, node) => {
        if (node.raid_interface === null || node.raid_interface === 'no-raid') {
          throw errors.UnsupportedInterface(node.driver, 'raid');
        }
        return changeNode(parts, tx, node, { target_raid_config: JSON.stringify(request.body) }, because(request));
      });
      return empty(204);
    },

    async setMaintenance(request: Asked): Promise<Answer> {
      const { body } = request;
      const { reason = null, ...other } = typeof body === 'object' && body !== null ? { reason: null, ...body } : {};
      if (Object.keys(other).length > 0) throw errors.Invalid(`Unexpected arguments: ${Object.keys(other).join(', ')}`);
      if (reason !== null && typeof reason !== 'string')
        throw errors.Invalid('The reason of a maintenance must be text.');
      await onNode(request, 'baremetal:node:set_maintenance', (tx, node) =>
        changeNode(parts, tx, node, { maintenance: true, maintenance_reason: reason }, because(request)),
      );
      return empty(202);
    },

    async clearMaintenance(request: Asked): Promise<Answer> {
      await onNode(request, 'baremetal:node:clear_maintenance', (tx, node) =>
        changeNode(parts, tx, node, { maintenance: false, maintenance_reason: null, fault: null }, because(request)),
      );
      return empty(202);
    },

    async bootDevice(request: Asked): Promise<Answer> {
      const { device, persistent } = await ask(request, 'baremetal:node:get_boot_device', ({ management }) =>
        management.bootDevice(),
      );
      return json({ boot_device: device, persistent });
    },

    async setBootDevice(request: ApiRequest<unknown, Static<typeof bootDeviceSchema>>): Promise<Answer> {
      const device = bootDeviceOf(request.body.boot_device);
      const persistent = flag(request.search, 'persistent') ?? flagOf('persistent', request.body.persistent) ?? false;
      await ask(request, 'baremetal:node:set_boot_device', async ({ management }, node) => {
        if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation);
        if (!(await management.supportedBootDevices()).includes(device))
          throw errors.Invalid(`Invalid boot device ${device} specified.`);
        await management.setBootDevice(device, persistent);
        if (!losesBootDevice(parts, node)) return;
        await parts.database.transaction().execute(async (tx) => {
          const now = await lockNode(tx, node.uuid);
          await changeNode(parts, tx, now, bootDeviceTold(now, device, persistent), because(request));
        });
      });
      return empty(204);
    },

    async supportedBootDevices(request: Asked): Promise<Answer> {
      const devices = await ask(request, 'baremetal:node:get_boot_device', ({ management }) =>
        management.supportedBootDevices(),
      );
      return json({ supported_boot_devices: devices });
    },

    async injectNmi(request: Asked): Promise<Answer> {
      const { body } = request;
      if (typeof body === 'object' && body !== null && Object.keys(body).length > 0)
        throw errors.Invalid(`Unexpected arguments: ${Object.keys(body).join(', ')}`);
      await ask(request, 'baremetal:node:inject_nmi', ({ management }) => management.injectNmi());
      return empty(204);
    },

    async setBootMode(request: ApiRequest<unknown, { target: string }>): Promise<Answer> {
      const { target } = request.body;
      await ask(request, 'baremetal:node:set_boot_mode', async ({ management }) => {
        if (target !== 'bios' && target !== 'uefi')
          throw errors.Invalid(`Invalid boot mode ${target}: it is bios or uefi.`);
        await management.setBootMode(target);
      });
      await onNode(request, 'baremetal:node:set_boot_mode', (tx, node) =>
        changeNode(parts, tx, node, { boot_mode: target }, because(request)),
      );
      return empty(202);
    },

    async setSecureBoot(request: ApiRequest<unknown, { target: boolean | string }>): Promise<Answer> {
      const on = flagOf('target', request.body.target) ?? false;
      await ask(request, 'baremetal:node:set_secure_boot', ({ management }) => management.setSecureBoot(on));
      await onNode(request, 'baremetal:node:set_secure_boot', (tx, node) =>
        changeNode(parts, tx, node, { secure_boot: on }, because(request)),
      );
      return empty(202);
    },
  };
}

/** Throws 400 for what is no verb, 406 for one that the microversion does not have. */
function verbOf(request: ApiRequest<unknown, ProvisionBody>, node: NodeRow): Verb {
  const { body, context } = request;
  const known = verbs[body.target];
  if (!known) {
    throw errors.InvalidStateRequested(body.target, node.uuid, node.provision_state, legalVerbs(node.provision_state));
  }
  if (known.since !== undefined && !atLeast(context.microversion, known.since)) {
    throw errors.NotAcceptable(`The provision target "${body.target}" needs microversion ${known.since} or newer.`);
  }
  const { verb } = known;
  if (body.clean_steps && verb !== 'clean')
    throw errors.Invalid('"clean_steps" is only valid when setting target provision state to clean');
  if (!body.clean_steps && body.runbook === undefined && verb === 'clean')
    throw errors.Invalid('"clean_steps" is required when setting target provision state to clean');
  if (body.service_steps && verb !== 'service')
    throw errors.Invalid('"service_steps" is only valid when setting target provision state to service');
  if (!body.service_steps && body.runbook === undefined && verb === 'service')
    throw errors.Invalid('"service_steps" is required when setting target provision state to service');
  if (body.runbook !== undefined) refuseRunbook(request, verb);
  if (body.rescue_password !== undefined && verb !== 'rescue')
    throw errors.Invalid('"rescue_password" is only valid when setting target provision state to rescue');
  if (body.rescue_password === undefined && verb === 'rescue')
    throw errors.Invalid('A non-empty "rescue_password" is required when setting target provision state to rescue');
  if (body.deploy_steps) {
    if (!atLeast(context.microversion, '1.69'))
      throw errors.NotAcceptable('deploy_steps needs microversion 1.69 or newer.');
    if (verb !== 'active' && verb !== 'rebuild')
      throw errors.Invalid('"deploy_steps" is only valid when setting target provision state to active or rebuild');
  }
  if (body.disable_ramdisk !== undefined && !atLeast(context.microversion, '1.70'))
    throw errors.NotAcceptable('disable_ramdisk needs microversion 1.70 or newer.');
  if (body.disable_ramdisk && verb !== 'clean')
    throw errors.Invalid('"disable_ramdisk" is only valid when setting target provision state to clean');
  if (body.configdrive !== undefined && body.configdrive !== null) refuseConfigDrive(request, verb, body.configdrive);
  return verb;
}

function refuseRunbook({ body, context }: ApiRequest<unknown, ProvisionBody>, verb: Verb): void {
  if (!atLeast(context.microversion, '1.92')) throw errors.NotAcceptable('runbook needs microversion 1.92 or newer.');
  if (verb !== 'clean' && verb !== 'service')
    throw errors.Invalid('"runbook" is only valid when setting target provision state to clean or service');
  if (body.clean_steps || body.service_steps)
    throw errors.Invalid('Please provide either "runbook" or the steps, not both.');
}

function refuseConfigDrive(
  { context }: Pick<Asked, 'context'>,
  verb: Verb,
  drive: string | Record<string, unknown>,
): void {
  if (verb !== 'active' && verb !== 'rebuild')
    throw errors.Invalid('Adding a config drive is only supported when setting provision state to active or rebuild');
  if (verb === 'rebuild' && !atLeast(context.microversion, '1.35'))
    throw errors.Invalid('A config drive for rebuild needs microversion 1.35 or newer.');
  if (typeof drive === 'string') return;
  if (!atLeast(context.microversion, '1.56'))
    throw errors.Invalid('A config drive as an object needs microversion 1.56 or newer.');
  const known = [
    'meta_data',
    'network_data',
    'user_data',
    ...(atLeast(context.microversion, '1.59') ? ['vendor_data'] : []),
  ];
  const unknown = Object.keys(drive).filter((key) => !known.includes(key));
  if (unknown.length > 0)
    throw errors.Invalid(`A config drive has no ${unknown.join(', ')}; it may hold ${known.join(', ')}.`);
}

function optionsOf(body: ProvisionBody): VerbOptions {
  const steps = body.clean_steps ?? body.service_steps ?? body.deploy_steps;
  return {
    ...(steps ? { steps: steps.map(stepOf) } : {}),
    ...(body.disable_ramdisk ? { disableRamdisk: true } : {}),
    ...(body.configdrive === undefined || body.configdrive === null ? {} : { configDrive: body.configdrive }),
    ...(body.rescue_password === undefined ? {} : { rescuePassword: body.rescue_password }),
  };
}

function bootDeviceOf(text: string): BootDevice {
  const device = bootDevices.find((one) => one === text);
  if (!device) throw errors.Invalid(`Invalid boot device ${text} specified.`);
  return device;
}
