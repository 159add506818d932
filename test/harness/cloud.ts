// An undercloud in a folder of its own, and the real `openstack` command logged in to it.
import { type OpenStack, openOpenStack } from './openstack.ts';
import { temporaryFolder, type Undercloud, up } from './undercloud.ts';

export interface CloudWithClient {
  readonly cloud: Undercloud;
  readonly openstack: OpenStack;
  close(): Promise<void>;
}

/** `options` are the command's own, such as `--os-placement-api-version`. */
export async function cloudWithClient(options: readonly string[] = []): Promise<CloudWithClient> {
  const folder = temporaryFolder();
  const cloud = await up(folder.path);
  const openstack = openOpenStack({ cloudsFile: cloud.cloudsFile, options });
  return {
    cloud,
    openstack,
    async close() {
      openstack.close();
      await cloud.run.kill('SIGKILL');
      folder.remove();
    },
  };
}
