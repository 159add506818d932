// Where the in-machine agent finds and keeps things.
import { join } from 'node:path';

export interface Paths {
  /** Survives reboots and rebuilds: it lies on the state partition. */
  readonly state: string;
  /** Gone after a reboot. */
  readonly run: string;
  /** Last content of each source, as os-collect-config keeps it. */
  readonly cache: string;
  /** The list that os-apply-config reads when OS_CONFIG_FILES is not set. */
  readonly configFileList: string;
  readonly localData: readonly string[];
  readonly templates: readonly string[];
  readonly refresh: readonly string[];
  readonly hooks: readonly string[];
  readonly scripts: string;
  readonly settingsFile: string;
  /** Where a config drive may be mounted, and its device. */
  readonly configDriveFolders: readonly string[];
  readonly configDriveDevice: string;
  readonly blockDevices: string;
  readonly devices: string;
  readonly cfnMetadataHint: string;
  readonly cfnInitData: string;
  readonly proc: string;
  readonly bootId: string;
  readonly kernelHostname: string;
  /** Where templates are installed. */
  readonly output: string;
}

/** The paths below `root`, which is / but for tests; each list is in order of preference, with TripleO's older names last. */
export function pathsUnder(root: string): Paths {
  const at = (path: string) => join(root, path);
  return {
    state: at('var/lib/undercloud-agent'),
    run: at('run/undercloud-agent'),
    cache: at('var/lib/os-collect-config'),
    configFileList: at('run/os-collect-config/os_config_files.json'),
    localData: [at('var/lib/os-collect-config/local-data')],
    templates: [at('usr/libexec/os-apply-config/templates'), at('opt/stack/os-apply-config/templates')],
    refresh: [at('usr/libexec/os-refresh-config'), at('opt/stack/os-config-refresh')],
    hooks: [at('usr/libexec/heat-config/hooks'), at('var/lib/heat-config/hooks')],
    scripts: at('var/lib/heat-config/heat-config-script'),
    settingsFile: at('etc/undercloud-agent.json'),
    configDriveFolders: [at('run/undercloud/config-drive'), at('mnt/config')],
    configDriveDevice: at('dev/disk/by-label/config-2'),
    blockDevices: at('sys/class/block'),
    devices: at('dev'),
    cfnMetadataHint: at('var/lib/heat-cfntools/cfn-metadata-server'),
    cfnInitData: at('var/lib/heat-cfntools/cfn-init-data'),
    proc: '/proc',
    bootId: at('proc/sys/kernel/random/boot_id'),
    kernelHostname: at('proc/sys/kernel/hostname'),
    output: root,
  };
}
