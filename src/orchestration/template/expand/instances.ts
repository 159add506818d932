// Groups of instances that a launch configuration describes: OS::Heat::InstanceGroup and AWS::AutoScaling::AutoScalingGroup.
import { attributeError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { dependencies, resolve, type SnippetMap } from '../fn/fn.ts';
import { entries, Properties } from '../property/properties.ts';
import type { ResourceNode, StackScope } from '../stack.ts';
import { type Dict, isDict, type Key, str, truthy, type Value } from '../value/index.ts';
import { memberName, scaledRegistry, scaledType } from './forms.ts';
import { checkCount, Delayed, type GroupForm, memberProperties } from './group.ts';

/** Maps in these lists keep the keys that the template gives, without defaults. */
const listsOfMaps = ['BlockDeviceMappings', 'NovaSchedulerHints'];

function withoutDefaults(value: Value, given: Value): Value {
  if (!Array.isArray(value) || !Array.isArray(given)) return value;
  return value.map((item, index) => {
    const source = given[index];
    return isDict(item) && isDict(source) ? new Map([...item].filter(([key]) => source.has(key))) : item;
  });
}

const tag = (key: string, value: string): Dict =>
  new Map<Key, Value>([
    ['Key', key],
    ['Value', value],
  ]);

export function instanceGroup(stack: StackScope, node: ResourceNode): GroupForm {
  const { name } = node.definition;
  const path = stack.pathOf(name);
  const { customs } = stack.options.context;
  const scaling = node.type === 'AWS::AutoScaling::AutoScalingGroup';
  const read = (of: ResourceNode, evaluation: Evaluation) =>
    new Properties(
      of.schema?.properties ?? new Map(),
      entries(of.definition.properties ?? new Map(), evaluation),
      evaluation,
      customs,
    );
  /** The launch configuration: the resource that the group refers to, whether it exists yet or not. */
  const configuration = (evaluation: Evaluation): ResourceNode => {
    const snippet = entries(node.definition.properties ?? new Map(), evaluation).get('LaunchConfigurationName') ?? null;
    const [referred] = dependencies(snippet, name, evaluation);
    const wanted = referred ?? resolve(snippet, evaluation);
    if (typeof wanted !== 'string' || !stack.hasResource(wanted))
      throw attributeError("'NoneType' object has no attribute 'frozen_definition'");
    return stack.node(wanted);
  };
  const tags = (evaluation: Evaluation): Value => {
    const given = read(node, evaluation).get('Tags');
    const list = Array.isArray(given) ? given : [];
    const metered = list.some((item) => isDict(item) && str(item.get('Key') ?? '').startsWith('metering.'));
    return [
      ...list,
      ...(metered ? [] : [tag('metering.groupname', name)]),
      ...(scaling ? [tag('metering.AutoScalingGroupName', name)] : []),
    ];
  };
  return {
    own: ['InstanceList'],
    checksFirst: true,
    maps: false,
    mapKey: 'outputs',
    references: 'references',
    registry: scaledRegistry,
    joined: { InstanceList: 'PublicIp' },
    memberMap: (key) => (key === 'InstanceList' ? { label: key, path: ['PublicIp'] } : undefined),
    memberAttribute: (key) => key,
    removed: () => [],
    names(evaluation) {
      configuration(evaluation);
      const live = evaluation.live.attribute(path, 'current_size', []);
      const properties = read(node, evaluation);
      const wished = scaling ? properties.get('DesiredCapacity') : properties.get('Size');
      const size = typeof live === 'number' ? live : truthy(wished) || !scaling ? wished : properties.get('MinSize');
      return Array.from({ length: checkCount(size) }, (_, index) => memberName(path, index));
    },
    member(_name, _index, evaluation) {
      const launch = configuration(evaluation);
      const source: SnippetMap = new Map();
      for (const key of entries(launch.definition.properties ?? new Map(), evaluation).keys()) {
        const property = str(key);
        if (property === 'InstanceId' || !launch.schema?.properties.has(property)) continue;
        source.set(
          property,
          new Delayed(property, (live) => {
            const value = read(launch, live).get(property);
            const given = entries(launch.definition.properties ?? new Map(), live).get(key) ?? null;
            return listsOfMaps.includes(property) ? withoutDefaults(value, resolve(given, live)) : value;
          }),
        );
      }
      source.set('Tags', new Delayed('Tags', tags));
      if (scaling && truthy(read(node, evaluation).get('VPCZoneIdentifier'))) {
        source.set(
          'SubnetId',
          new Delayed('SubnetId', (live) => {
            const subnets = read(node, live).get('VPCZoneIdentifier');
            return Array.isArray(subnets) ? (subnets[0] ?? null) : null;
          }),
        );
      }
      return {
        type: scaledType,
        properties: memberProperties(source, (value) => value, false, evaluation),
        metadata: resolve(launch.definition.metadata ?? null, evaluation),
      };
    },
  };
}
