// The `heat` source: a resource's metadata from the orchestration API, with the machine's own user.
import { AgentError } from '../../errors.ts';
import { exchange } from '../../http.ts';
import { type Json, objectOf, parseObject } from '../../parse.ts';
import { credentialsOf, keystoneSession } from '../keystone.ts';
import { requiredSetting } from '../settings.ts';
import type { Source } from './source.ts';

/** Settings: auth_url, user_id, password, project_id, stack_id, resource_name and maybe region_name. */
export function heatSource(settings: () => Json): Source {
  return {
    name: 'heat',
    holdsOpen: false,
    async collect(signal) {
      const own = settings();
      const need = (key: string) => requiredSetting(own, 'heat', key);
      const session = await keystoneSession(credentialsOf(own, 'heat'));
      const path = `/stacks/${need('stack_id')}/resources/${need('resource_name')}/metadata`;
      const url = session.endpoint('orchestration') + path;
      const reply = await exchange(url, {
        signal,
        headers: { 'x-auth-token': session.token, accept: 'application/json' },
      });
      if (reply.status !== 200) throw new AgentError('refused', `${url}: HTTP ${reply.status}`);
      return objectOf(parseObject(reply.body, url), 'metadata') ?? {};
    },
  };
}
