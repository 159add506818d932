// OS::Nova::KeyPair: a public key that servers are given; without one a pair is made.
import { OperationFailed } from '../../../operations/index.ts';
import type { Secrets } from '../../stack/secrets.ts';
import type { DurableType, Properties } from './contract.ts';
import { ownerOf } from './owner.ts';
import type { ServiceApi } from './service-api.ts';

const map = (value: unknown): Properties => (typeof value === 'object' && value !== null ? { ...value } : {});

export function keypairType(compute: ServiceApi, secrets: Secrets): DurableType {
  return {
    kind: 'durable',
    deadlineMs: 600_000,
    async create(operation, place, properties) {
      const name = String(properties.name);
      const path = `/os-keypairs/${encodeURIComponent(name)}`;
      const caller = ownerOf(place);
      const free = await operation.step('look for the name', async () => !(await compute.call(caller, 'GET', path)));
      if (!free) throw new OperationFailed(`Key pair '${name}' already exists.`, 'Choose another name.');
      const made = await operation.step('create the key pair', async () => {
        // The name was free: one that is there now was made by this step before a crash, and its private key is lost.
        await compute.call(caller, 'DELETE', path);
        const key = typeof properties.public_key === 'string' ? { public_key: properties.public_key } : {};
        const answer = await compute.call(caller, 'POST', '/os-keypairs', { keypair: { name, ...key } });
        const pair = map(answer?.keypair);
        const attributes = { public_key: String(pair.public_key), private_key: '' };
        const kept = properties.save_private_key === true && typeof pair.private_key === 'string';
        // Sealed before the journal of this step sees it.
        return { attributes, data: kept ? secrets.seal({ private_key: String(pair.private_key) }, place.id) : {} };
      });
      return { physicalId: name, ...made };
    },
    async check(operation, place, before) {
      await operation.step('look for the key pair', async () => {
        const path = `/os-keypairs/${encodeURIComponent(before.physicalId)}`;
        if (!(await compute.call(ownerOf(place), 'GET', path)))
          throw new OperationFailed(`key pair ${before.physicalId} is gone`, '');
      });
      return before;
    },
    async delete(operation, place, before) {
      if (before.physicalId === '') return;
      await operation.step('delete the key pair', async () => {
        await compute.call(ownerOf(place), 'DELETE', `/os-keypairs/${encodeURIComponent(before.physicalId)}`);
      });
    },
  };
}
