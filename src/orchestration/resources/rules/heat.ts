// Rules of Heat's own types and of the AWS ones.
import { TemplateError, type TypeRules } from '../../template/index.ts';
import { all, atLeastOne, isMap, maps, onlyFor, type Rule, refused, truthy } from './rule.ts';

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** Sizes of a scaling group, in the names of its own dialect. */
const sizes =
  (least: string, most: string, desired: string): Rule =>
  ({ property }) => {
    const [min, max, wanted] = [property(least), property(most), property(desired)];
    if (number(max) < number(min)) throw refused('MinSize can not be greater than MaxSize');
    if (number(min) < 0) throw refused('The size of AutoScalingGroup can not be less than zero');
    if (wanted !== null && (number(wanted) < number(min) || number(wanted) > number(max)))
      throw refused('DesiredCapacity must be between MinSize and MaxSize');
  };

/** The launch configuration has to exist and to be referred to, not only named. */
const launchConfiguration: Rule = ({ name, property, resource, requiredBy }) => {
  const reference = property('LaunchConfigurationName');
  if (!truthy(reference)) return;
  const fault = (why: string) =>
    new TemplateError('ValueError', `LaunchConfigurationName (${String(reference)}) ${why}`);
  if (typeof reference !== 'string' || !resource(reference)) throw fault('reference can not be found.');
  if (!requiredBy(reference).includes(name))
    throw fault('requires a reference to the configuration not just the name of the resource.');
};

const pauseSeconds = (text: string): number => {
  const match = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(text);
  return match ? Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0) : 0;
};
const pauseTime: Rule = ({ updatePolicy }) => {
  const rolling = updatePolicy('RollingUpdate') ?? updatePolicy('AutoScalingRollingUpdate');
  if (isMap(rolling) && typeof rolling.PauseTime === 'string' && pauseSeconds(rolling.PauseTime) > 3600)
    throw new TemplateError('ValueError', 'Maximum PauseTime is 1 hour.');
};

const oneSource: Rule = ({ property }) => {
  const zones = property('VPCZoneIdentifier');
  if (Array.isArray(zones) && zones.length > 1)
    throw new TemplateError('NotSupported', 'Anything other than one VPCZoneIdentifier is not supported.');
  if (truthy(property('InstanceId')) === truthy(property('LaunchConfigurationName')))
    throw refused("Either 'InstanceId' or 'LaunchConfigurationName' must be provided.");
};

const randomString: Rule = ({ property }) => {
  const least = [...maps(property('character_sequences')), ...maps(property('character_classes'))].reduce(
    (sum, { min }) => sum + number(min),
    0,
  );
  if (least > number(property('length')))
    throw refused('Length property cannot be smaller than combined character class and character sequence minimums');
};

const adjustmentStep =
  (type: string, step: string, percent: string): Rule =>
  ({ property }) => {
    if (property(type) !== percent && property(step) !== null) throw onlyFor(step, type, percent);
  };

const oneConfigAnAction: Rule = ({ name, property }) => {
  const seen = new Set<unknown>();
  for (const { actions } of maps(property('configs'))) {
    const list = Array.isArray(actions) ? actions : [];
    if (list.some((action) => seen.has(action)))
      throw refused(
        `Defining more than one configuration for the same action in SoftwareComponent "${name}" is not allowed.`,
      );
    for (const action of list) seen.add(action);
  }
};

const softwareConfigServer: Rule = ({ property, resource }) => {
  const server = property('server');
  const format = typeof server === 'string' ? resource(server)?.property('user_data_format') : undefined;
  if (typeof format === 'string' && format !== 'SOFTWARE_CONFIG')
    throw refused(
      `Resource ${String(server)}'s property user_data_format should be set to SOFTWARE_CONFIG since there are software deployments on it.`,
    );
};

const volumesFromSnapshots: Rule = ({ property }) => {
  for (const { Ebs: ebs } of maps(property('BlockDeviceMappings'))) {
    if (!isMap(ebs) || !truthy(ebs))
      throw refused('Ebs is missing, this is required when specifying BlockDeviceMappings.');
    if (!truthy(ebs.SnapshotId ?? null))
      throw refused('SnapshotId is missing, this is required when specifying BlockDeviceMappings.');
  }
};

export const heatRules: Readonly<Record<string, TypeRules>> = {
  'OS::Heat::AccessPolicy': {
    after: ({ property, resource }) => {
      const names = property('AllowedResources');
      for (const name of Array.isArray(names) ? names : [])
        if (!resource(String(name))) throw refused(`AccessPolicy resource ${String(name)} not in stack`);
    },
  },
  'OS::Heat::AutoScalingGroup': { before: sizes('min_size', 'max_size', 'desired_capacity') },
  'OS::Heat::InstanceGroup': { before: launchConfiguration, after: pauseTime },
  'AWS::AutoScaling::AutoScalingGroup': {
    before: all(sizes('MinSize', 'MaxSize', 'DesiredCapacity'), oneSource, launchConfiguration),
    after: pauseTime,
  },
  'OS::Heat::RandomString': { after: randomString },
  'OS::Heat::ScalingPolicy': {
    after: adjustmentStep('adjustment_type', 'min_adjustment_step', 'percent_change_in_capacity'),
  },
  'AWS::AutoScaling::ScalingPolicy': {
    after: adjustmentStep('AdjustmentType', 'MinAdjustmentStep', 'PercentChangeInCapacity'),
  },
  'OS::Heat::SoftwareComponent': { after: oneConfigAnAction },
  'OS::Heat::SoftwareDeployment': { after: softwareConfigServer },
  'OS::Heat::StructuredDeployment': { after: softwareConfigServer },
  'AWS::AutoScaling::LaunchConfiguration': {
    after: all(volumesFromSnapshots, ({ property }) => {
      if (truthy(property('InstanceId'))) return;
      if (!truthy(property('ImageId')) || !truthy(property('InstanceType')))
        throw refused('If without InstanceId, ImageId and InstanceType are required.');
    }),
  },
  'AWS::EC2::EIPAssociation': {
    after: all(
      ({ property }) => {
        if (truthy(property('EIP')) === truthy(property('AllocationId')))
          throw refused("Either 'EIP' or 'AllocationId' must be provided.");
        if (truthy(property('EIP')) && !truthy(property('InstanceId')))
          throw refused("Must specify 'InstanceId' if you specify 'EIP'.");
      },
      atLeastOne('InstanceId', 'NetworkInterfaceId'),
    ),
  },
  'AWS::EC2::Instance': {
    after: volumesFromSnapshots,
  },
};
