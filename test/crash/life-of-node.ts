// The kinds of work on machines that a crash may cut off.
import { createHash } from 'node:crypto';

export interface Work {
  readonly name: string;
  /** The state it ends in. */
  readonly end: string;
  readonly verb: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** It leaves the node as it was, so that one machine can do it again. */
  readonly repeatable?: true;
  /** What is asked of the node before, at once: patches and verbs without work. */
  readonly before?: readonly (readonly [method: string, path: string, body: unknown])[];
}

const patched = (...changes: readonly (readonly [path: string, value: unknown])[]) =>
  ['PATCH', '', changes.map(([path, value]) => ({ op: 'add', path, value }))] as const;
const hyperthreading = (value: string) => ({
  interface: 'bios',
  step: 'apply_configuration',
  args: { settings: [{ name: 'ProcHyperthreading', value }] },
});

/** A node's life, each work on what the one before has left. At the URL are an image of the text `image` and firmware. */
export function lifeOfNode(filesUrl: string): readonly Work[] {
  const image = {
    image_source: `${filesUrl}/image`,
    image_os_hash_algo: 'sha512',
    image_os_hash_value: createHash('sha512').update('image').digest('hex'),
  };
  const firmware = (file: string) => ({
    interface: 'firmware',
    step: 'update',
    args: { settings: [{ component: file.slice(0, file.indexOf('-')), url: `${filesUrl}/${file}` }] },
  });

  return [
    { name: 'verifying', verb: 'manage', end: 'manageable' },
    { name: 'inspecting through the BMC', repeatable: true, verb: 'inspect', end: 'manageable' },
    {
      name: 'inspecting from inside',
      repeatable: true,
      verb: 'inspect',
      end: 'manageable',
      before: [patched(['/inspect_interface', 'agent'])],
    },
    {
      name: 'cleaning by steps of the BMC',
      repeatable: true,
      verb: 'clean',
      end: 'manageable',
      before: [
        [
          'PUT',
          '/states/raid',
          {
            logical_disks: [
              { size_gb: 4, raid_level: '1', is_root_volume: true },
              { size_gb: 4, raid_level: '0' },
            ],
          },
        ],
      ],
      body: {
        clean_steps: [
          { interface: 'raid', step: 'create_configuration', args: { delete_existing: true } },
          hyperthreading('Disabled'),
          firmware('bios-1.17.0.bin'),
          firmware('bmc-1.2.0.bin'),
          { interface: 'raid', step: 'delete_configuration' },
          { interface: 'bios', step: 'factory_reset' },
        ],
      },
    },
    {
      name: 'cleaning by steps of the ramdisk and of the program',
      repeatable: true,
      verb: 'clean',
      end: 'manageable',
      body: {
        clean_steps: [
          { step: 'power_on' },
          { interface: 'deploy', step: 'erase_devices_metadata' },
          { step: 'wait' },
          { step: 'hold' },
          { step: 'reboot' },
          { interface: 'deploy', step: 'erase_devices' },
          { step: 'wait', args: { seconds: 1 } },
          { step: 'power_off' },
        ],
      },
    },
    {
      name: 'cleaning a machine that may not be switched off',
      verb: 'clean',
      end: 'manageable',
      before: [patched(['/disable_power_off', true])],
      body: { clean_steps: [{ interface: 'deploy', step: 'erase_devices' }, { step: 'reboot' }] },
    },
    {
      name: 'automatic cleaning',
      verb: 'provide',
      end: 'available',
      before: [patched(['/disable_power_off', false])],
    },
    {
      name: 'deploying',
      verb: 'active',
      end: 'active',
      before: [patched(['/instance_info', image])],
      body: {
        configdrive: { meta_data: { name: 'crash' } },
        deploy_steps: [
          { ...hyperthreading('Disabled'), priority: 160 },
          { interface: 'bios', step: 'factory_reset', args: {}, priority: 150 },
        ],
      },
    },
    { name: 'rebuilding', repeatable: true, verb: 'rebuild', end: 'active' },
    {
      name: 'servicing',
      verb: 'service',
      end: 'active',
      body: { service_steps: [hyperthreading('Disabled'), { step: 'reboot' }] },
    },
    {
      name: 'rescuing',
      verb: 'rescue',
      end: 'rescue',
      before: [patched(['/rescue_interface', 'agent'])],
      body: { rescue_password: 'open sesame' },
    },
    { name: 'unrescuing', verb: 'unrescue', end: 'active' },
    { name: 'restarting', verb: 'rebooting', end: 'active' },
    { name: 'undeploying', verb: 'deleted', end: 'available' },
    {
      name: 'adopting',
      verb: 'adopt',
      end: 'active',
      before: [['PUT', '/states/provision', { target: 'manage' }]],
    },
  ];
}
