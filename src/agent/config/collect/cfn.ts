// The `cfn` source: a resource's metadata from the CloudFormation API, with signed requests.
import { createHmac } from 'node:crypto';
import { AgentError } from '../../errors.ts';
import { exchange } from '../../http.ts';
import { isObject, type Json, listOf, parseObject, textOf } from '../../parse.ts';
import { valueAt } from '../apply/metadata.ts';
import { readIfThere } from '../files.ts';
import { requiredSetting } from '../settings.ts';
import { mergeDeep } from './merge.ts';
import type { Source } from './source.ts';

/** Settings: metadata_url (or the hint file), access_key_id, secret_access_key, stack_name and path (`resource.Metadata[.key]`, one or several). */
export function cfnSource(settings: () => Json, hintFile: string): Source {
  return {
    name: 'cfn',
    holdsOpen: false,
    async collect(signal) {
      const own = settings();
      const hint = (await readIfThere(hintFile))?.trim();
      const url = textOf(own, 'metadata_url') ?? (hint && `${hint}/v1/`);
      if (!url) throw new AgentError('metadata', 'source cfn lacks the setting metadata_url');
      const single = textOf(own, 'path');
      const paths = single === undefined ? listOf(own, 'path').map(String) : [single];
      let merged: Json = {};
      for (const path of paths) {
        const [resource = '', field = '', ...rest] = path.split('.');
        if (field === '') throw new AgentError('metadata', `path ${path} is not of the form resource.field`);
        const query = signedQuery(new URL(url), {
          Action: 'DescribeStackResource',
          StackName: requiredSetting(own, 'cfn', 'stack_name'),
          LogicalResourceId: resource,
          AWSAccessKeyId: requiredSetting(own, 'cfn', 'access_key_id'),
          SignatureVersion: '2',
          SignatureMethod: 'HmacSHA256',
          secret: requiredSetting(own, 'cfn', 'secret_access_key'),
        });
        const reply = await exchange(`${url}?${query}`, { signal });
        if (reply.status !== 200) throw new AgentError('refused', `${url}: HTTP ${reply.status}`);
        const content = parseObject(element(reply.body, field, path), path);
        const value = rest.length === 0 ? content : valueAt(content, rest.join('.'));
        if (!isObject(value)) throw new AgentError('metadata', `path ${path} names no object`);
        merged = mergeDeep(merged, value);
      }
      return merged;
    },
  };
}

/** AWS signature version 2: parameters in order of their names, signed together with verb, host and path. */
export function signedQuery(
  url: URL,
  parameters: Readonly<Record<string, string>> & { readonly secret: string },
): string {
  const { secret, ...sent } = parameters;
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = Object.entries(sent)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
  const signature = createHmac('sha256', secret).update(`GET\n${url.host}\n${url.pathname}\n${query}`).digest('base64');
  return `${query}&Signature=${encode(signature)}`;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The text of the first element of this name; the answer is flat enough not to need a parser. */
function element(xml: string, name: string, path: string): string {
  const found = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(xml)?.[1];
  if (found === undefined) throw new AgentError('metadata', `path ${path} does not exist`);
  return found.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, entity) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    return entities[entity] ?? whole;
  });
}
