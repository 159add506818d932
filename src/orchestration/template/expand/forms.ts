// The kinds of groups: how each names its members and what it makes of its properties.

import { createHash } from 'node:crypto';
import { TemplateError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { resolve, type Snippet, type SnippetMap } from '../fn/fn.ts';
import { entries, Properties } from '../property/properties.ts';
import { compileProperties, type PropertyData } from '../property/schema.ts';
import type { ResourceNode, StackScope } from '../stack.ts';
import { type Dict, isDict, isKey, type Key, str, type Value } from '../value/index.ts';
import { own } from '../value/own.ts';
import { checkCount, Delayed, type GroupForm, type Member, memberProperties } from './group.ts';
import { splitAtMost } from './template-resource.ts';

const groupSchema = compileProperties({
  count: { type: 'Integer', default: 1 },
  index_var: { type: 'String', default: '%index%' },
  removal_policies: {
    type: 'List',
    default: [],
    schema: { '*': { type: 'Map', schema: { resource_list: { type: 'List', default: [] } } } },
  },
  removal_policies_mode: { type: 'String', default: 'append' },
});

const chainSchema = compileProperties({
  resources: { type: 'List', required: true },
  concurrent: { type: 'Boolean', default: false },
});

/** Puts a member's name wherever the index variable stands. */
function withIndex(value: Value, variable: string, name: string): Value {
  if (typeof value === 'string') return variable === '' ? value : value.replaceAll(variable, () => name);
  if (Array.isArray(value)) return value.map((item) => withIndex(item, variable, name));
  if (isDict(value)) return new Map([...value].map(([key, item]) => [key, withIndex(item, variable, name)]));
  return value;
}

function mapItem(snippet: Snippet | undefined, evaluation: Evaluation): SnippetMap {
  if (snippet instanceof Map) return snippet;
  const value = resolve(snippet ?? null, evaluation);
  return isDict(value) ? value : new Map();
}

/** OS::Heat::ResourceGroup. */
export function resourceGroup(stack: StackScope, node: ResourceNode): GroupForm {
  const data = (evaluation: Evaluation) => entries(node.definition.properties ?? new Map(), evaluation);
  const properties = (evaluation: Evaluation) =>
    new Properties(groupSchema, data(evaluation), evaluation, stack.options.context.customs);
  const removed = (evaluation: Evaluation): string[] => {
    const policies = properties(evaluation).get('removal_policies');
    if (!Array.isArray(policies)) return [];
    return policies.flatMap((policy) => {
      const list = isDict(policy) ? policy.get('resource_list') : undefined;
      return Array.isArray(list) ? list.map((item) => str(item)) : [];
    });
  };
  return {
    own: ['refs', 'refs_map', 'attributes', 'removed_rsrc_list'],
    references: 'refs_map',
    checksFirst: true,
    maps: false,
    mapKey: 'attributes',
    memberAttribute: (key) => key,
    removed: () => [],
    names(evaluation) {
      const count = checkCount(properties(evaluation).get('count'));
      const skipped = new Set(removed(evaluation));
      const names: string[] = [];
      for (let index = 0; names.length < count; index++) if (!skipped.has(String(index))) names.push(String(index));
      return names;
    },
    member(name, _index, evaluation): Member {
      const definition = mapItem(data(evaluation).get('resource_def'), evaluation);
      const variable = str(properties(evaluation).get('index_var'));
      const inside = definition.get('properties');
      const replaced = (value: Value): Value => withIndex(value, variable, name);
      return {
        type: resolve(definition.get('type') ?? null, evaluation),
        properties:
          inside === undefined || inside === null
            ? undefined
            : keepKeys(memberProperties(inside, replaced, true, evaluation), inside),
        metadata: resolve(definition.get('metadata') ?? null, evaluation),
      };
    },
  };
}

/** Names of properties are not replaced, only their values. */
function keepKeys(properties: SnippetMap, source: Snippet): SnippetMap {
  if (!(source instanceof Map)) return properties;
  const names = [...source.keys()];
  if (names.every((name) => properties.has(name)) || properties.size !== names.length) return properties;
  return new Map([...properties.values()].map((value, index) => [names[index] ?? null, value]));
}

/** OS::Heat::ResourceChain. */
export function resourceChain(stack: StackScope, node: ResourceNode): GroupForm {
  const data = (evaluation: Evaluation) => entries(node.definition.properties ?? new Map(), evaluation);
  const properties = (evaluation: Evaluation) =>
    new Properties(chainSchema, data(evaluation), evaluation, stack.options.context.customs);
  const types = (evaluation: Evaluation): Value[] => {
    const list = properties(evaluation).get('resources');
    return Array.isArray(list) ? list : [];
  };
  return {
    own: ['refs', 'attributes'],
    checksFirst: false,
    maps: false,
    mapKey: 'attributes',
    memberAttribute: (key) => key,
    removed: () => [],
    names: (evaluation) => types(evaluation).map((_, index) => String(index)),
    member(_name, index, evaluation): Member {
      const inside = data(evaluation).get('resource_properties');
      const concurrent = properties(evaluation).get('concurrent') === true;
      return {
        type: types(evaluation)[index] ?? null,
        properties:
          inside === undefined || inside === null
            ? undefined
            : memberProperties(inside, (value) => value, false, evaluation),
        metadata: null,
        ...(index > 0 && !concurrent ? { dependsOn: [String(index - 1)] } : {}),
      };
    },
  };
}

const scalingSchema = compileProperties({
  desired_capacity: { type: 'Integer' },
  min_size: { type: 'Integer', default: 0 },
  max_size: { type: 'Integer' },
});

export const scaledType = 'OS::Heat::ScaledResource';
/** What the members of every scaling group may call their type. */
export const scaledRegistry: Dict = new Map([[scaledType, 'AWS::EC2::Instance']]);

/** A member's name: chance in Heat, here told by the group's place and the member's number, so that plans repeat. */
export function memberName(path: string, index: number): string {
  const bytes = createHash('sha256').update(`${path}\n${index}`).digest();
  return [...bytes.subarray(0, 12)].map((byte) => 'abcdefghijklmnopqrstuvwxyz234567'.charAt(byte % 32)).join('');
}

/** OS::Heat::AutoScalingGroup. Its size is what the live attribute `current_size` says, before that the desired capacity. */
export function scalingGroup(stack: StackScope, node: ResourceNode): GroupForm {
  const path = stack.pathOf(node.definition.name);
  const data = (evaluation: Evaluation) => entries(node.definition.properties ?? new Map(), evaluation);
  return {
    own: ['refs', 'refs_map', 'current_size', 'outputs', 'outputs_list'],
    references: 'refs_map',
    indexed: true,
    registry: scaledRegistry,
    memberMap(key, path) {
      const inner = key.startsWith('resource.') ? [...splitAtMost(key, 3).slice(2), ...path] : path;
      const outputs = key === 'outputs' || key === 'outputs_list' || key.startsWith('resource.');
      return outputs && inner.length > 0
        ? { label: ['outputs', ...inner].map(str).join(', '), path: inner }
        : undefined;
    },
    checksFirst: true,
    maps: false,
    mapKey: 'outputs',
    listKey: 'outputs_list',
    sizeKey: 'current_size',
    memberAttribute: (key) => key,
    removed: () => [],
    names(evaluation) {
      const properties = new Properties(scalingSchema, data(evaluation), evaluation, stack.options.context.customs);
      const live = evaluation.live.attribute(path, 'current_size', []);
      const wanted =
        typeof live === 'number' ? live : (properties.get('desired_capacity') ?? properties.get('min_size'));
      return Array.from({ length: checkCount(wanted) }, (_, index) => memberName(path, index));
    },
    member(_name, _index, evaluation): Member {
      const definition = mapItem(data(evaluation).get('resource'), evaluation);
      if (!definition.has('type')) throw new TemplateError('KeyError', `'Resource member is missing "type"'`);
      const inside = definition.get('properties');
      return {
        type: resolve(definition.get('type') ?? null, evaluation),
        properties:
          inside === undefined || inside === null
            ? undefined
            : memberProperties(inside, (value) => value, true, evaluation),
        metadata: resolve(definition.get('metadata') ?? null, evaluation),
      };
    },
  };
}

const deploymentSchema: Readonly<Record<string, PropertyData>> = {
  servers: { type: 'Map', required: true },
  config: { type: 'String' },
  input_values: { type: 'Map' },
  actions: { type: 'List', default: ['CREATE', 'UPDATE'] },
  name: { type: 'String' },
  signal_transport: { type: 'String', default: 'CFN_SIGNAL' },
};
const compiledDeployments = compileProperties(deploymentSchema);
const structuredDeployments = compileProperties({
  ...deploymentSchema,
  input_key: { type: 'String', default: 'get_input' },
  input_values_validate: { type: 'String', default: 'LAX' },
});

const deploymentAttributes: Readonly<Record<string, string>> = {
  deploy_stdouts: 'deploy_stdout',
  deploy_stderrs: 'deploy_stderr',
  deploy_status_codes: 'deploy_status_code',
};

/** OS::Heat::SoftwareDeploymentGroup and OS::Heat::StructuredDeploymentGroup: one deployment for each server. */
export function deploymentGroup(stack: StackScope, node: ResourceNode): GroupForm {
  const structured = node.type.includes('Structured');
  const schemata = structured ? structuredDeployments : compiledDeployments;
  const data = (evaluation: Evaluation) => entries(node.definition.properties ?? new Map(), evaluation);
  const properties = (evaluation: Evaluation) =>
    new Properties(schemata, data(evaluation), evaluation, stack.options.context.customs);
  const servers = (evaluation: Evaluation): Dict => {
    const map = properties(evaluation).get('servers');
    if (!isDict(map)) throw new TemplateError('TypeError', `"${str(map)}" is not a map`);
    return map;
  };
  return {
    own: [],
    memberMap(key) {
      const attribute = own(deploymentAttributes, key) ?? key;
      return { label: `attributes, ${attribute}`, path: [attribute] };
    },
    checksFirst: true,
    maps: true,
    mapKey: 'attributes',
    memberAttribute: (key) => own(deploymentAttributes, key) ?? key,
    removed: () => [],
    names: (evaluation) => [...servers(evaluation).keys()].map(str),
    member(name, _index, evaluation): Member {
      const source: SnippetMap = new Map();
      for (const key of schemata.keys())
        if (key !== 'servers') source.set(key, new Delayed(key, (live) => properties(live).get(key)));
      const computed = memberProperties(source, (value) => value, false, evaluation);
      const server = servers(evaluation).get(keyNamed(servers(evaluation), name)) ?? null;
      return {
        type: structured ? 'OS::Heat::StructuredDeployment' : 'OS::Heat::SoftwareDeployment',
        properties: new Map([...computed, ['server', server]]),
        metadata: null,
      };
    },
  };
}

function keyNamed(map: Dict, name: string): Key {
  for (const key of map.keys()) if (str(key) === name) return isKey(key) ? key : name;
  return name;
}
