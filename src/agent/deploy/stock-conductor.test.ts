// What a stock conductor (release 2024.1) asks of an agent from lookup to the new system, call by call.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { memoryMachine } from '../../baremetal/testing/memory-machine.ts';
import { systemClock } from '../clock.ts';
import { type Loopback, listenOnLoopback } from '../testing/loopback.ts';
import { type DeployAgent, startDeployAgent } from './agent.ts';

const image = Buffer.from('an image');
const effects: string[] = [];
const heard: { readonly path: string; readonly version: string | undefined; readonly body: Record<string, unknown> }[] =
  [];
let conductor: Loopback;
let agent: DeployAgent;
let callback: string;

beforeAll(async () => {
  conductor = await listenOnLoopback(({ url = '', headers }, response, body) => {
    if (url === '/image') return response.end(image);
    const version = String(headers['x-openstack-ironic-api-version']);
    heard.push({ path: url, version, body: body === '' ? {} : JSON.parse(body) });
    if (url.startsWith('/v1/heartbeat/')) return response.writeHead(202).end();
    return response.end(JSON.stringify(lookupAnswer));
  });
  agent = await startDeployAgent({
    apiUrl: conductor.url,
    machine: memoryMachine({ mac: '52:54:00:12:34:56', effects, written: [], left: effects, end: async () => {} }),
    clock: systemClock,
    listen: { host: '127.0.0.1', port: 0 },
    log: () => {},
  });
  await conductor.until(() => heard.some(({ path }) => path.startsWith('/v1/heartbeat/')));
  callback = String(heard.at(-1)?.body.callback_url);
});
afterAll(async () => {
  await agent.stop();
  await conductor.close();
});

/** A lookup's answer as Ironic gives it. */
const lookupAnswer = {
  node: {
    ...{ uuid: '2a1ba2c4-0000-4000-8000-000000000001', properties: { cpus: 2 }, instance_info: {} },
    ...{ driver_internal_info: { agent_continue_if_secure_erase_failed: false }, links: [] },
  },
  config: {
    metrics: {
      backend: 'noop',
      prepend_host: false,
      prepend_uuid: false,
      prepend_host_reverse: true,
      global_prefix: null,
    },
    metrics_statsd: { statsd_host: 'localhost', statsd_port: 8125 },
    ...{
      heartbeat_timeout: 300,
      agent_token: 'iGjQ0',
      agent_token_required: true,
      disable_deep_image_inspection: false,
    },
  },
};
const node = { ...lookupAnswer.node, name: 'm1', driver_info: { deploy_kernel: 'x' }, target_raid_config: {} };

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
async function anything(response: Response): Promise<any> {
  return response.json();
}

async function ask(name: string, params: object, wait: boolean, token = 'iGjQ0') {
  const response = await fetch(`${callback}/v1/commands/?wait=${wait}&agent_token=${token}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, params }),
  });
  return { status: response.status, body: await anything(response) };
}

test('introduces itself in a version that has its members, with its MACs', () => {
  expect(heard[0]?.path).toBe('/v1/lookup?addresses=52%3A54%3A00%3A12%3A34%3A56');
  expect(heard[1]).toMatchObject({
    path: `/v1/heartbeat/${node.uuid}`,
    version: '1.72',
    body: { agent_token: 'iGjQ0', callback_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) },
  });
  expect(String(heard[1]?.body.agent_version)).toMatch(/^\d+\.\d+\.\d+\+\w+(\.\w+)*$/);
});

test('is refused without the token', async () => {
  const refused = await ask('standby.sync', {}, true, 'other');
  expect(refused).toMatchObject({
    status: 401,
    body: { faultcode: 'Client', faultstring: expect.stringContaining('agent token') },
  });
});

test('cleans step by step', async () => {
  const listed = await ask('clean.get_clean_steps', { node, ports: [] }, true);
  expect(listed.body.command_result.clean_steps).toBeTypeOf('object');
  const { hardware_manager_version: version } = listed.body.command_result;
  const step = { step: 'erase_devices_metadata', priority: 99, interface: 'deploy', reboot_requested: false };
  const started = await ask('clean.execute_clean_step', { step, node, ports: [], clean_version: version }, false);
  expect(started.status).toBe(200);
  const listing = await anything(await fetch(`${callback}/v1/commands/`));
  expect(listing.commands.at(-1)).toMatchObject({ command_name: 'execute_clean_step' });
  await agent.executor.finished(started.body.id);
  expect(effects).toContain('erase metadata');
});

test('deploys: steps, image, boot loader, sync, power off', async () => {
  const deploySteps = await ask('deploy.get_deploy_steps', { node, ports: [] }, true);
  expect(deploySteps.body.command_status).toBe('SUCCEEDED');
  const info = {
    ...{
      id: 'b0',
      urls: [`${conductor.url}/image`],
      disk_format: 'raw',
      container_format: 'bare',
      stream_raw_images: true,
    },
    ...{ os_hash_algo: 'sha256', os_hash_value: null, checksum: '0'.repeat(32), image_type: 'whole-disk' },
    ...{ deploy_boot_mode: 'uefi', boot_option: 'local', node_uuid: node.uuid, proxies: {}, no_proxy: null },
  };
  const step = { interface: 'deploy', step: 'write_image', args: { image_info: info, configdrive: null } };
  const deploy_version = deploySteps.body.command_result.hardware_manager_version;
  const written = await ask('deploy.execute_deploy_step', { step, node, ports: [], deploy_version }, true);
  expect(written.body).toMatchObject({
    ...{ command_name: 'execute_deploy_step', command_status: 'SUCCEEDED', command_error: null },
    // The conductor knows its step again by this.
    command_result: { deploy_step: step },
  });
  const uuids = { root_uuid: null, efi_system_part_uuid: null, prep_boot_part_uuid: null, target_boot_mode: 'uefi' };
  for (const [name, params] of [
    ['image.install_bootloader', uuids],
    ['standby.sync', {}],
    ['standby.power_off', {}],
  ] as const) {
    expect((await ask(name, params, true)).body).toMatchObject({ command_status: 'SUCCEEDED' });
  }
  await expect.poll(() => effects).toContain('power off');
});

test('hands out its logs and opens itself for rescue', async () => {
  const logs = await ask('log.collect_system_logs', {}, true);
  expect(Buffer.from(logs.body.command_result.system_logs, 'base64').toString()).toBe('no logs');
  // The conductor takes anything but success in the very answer for a failed rescue.
  const opened = await ask('rescue.finalize_rescue', { rescue_password: '$6$x$y', hashed: true }, false);
  expect(opened.body.command_status).toBe('SUCCEEDED');
  expect(effects).toContain('rescue with $6$x$y');
});

test('names a command that it does not know as stock agents do', async () => {
  const answer = await ask('standby.dance', {}, true);
  expect(answer).toMatchObject({ status: 400, body: { type: 'InvalidCommandError', code: 400 } });
  expect(answer.body.faultstring).toContain('Unknown command: standby.dance');
});
