// A template with one resource of a type, its properties as parameters and its attributes as outputs.
import type { PropertyType, ResourceTypeData } from '../template/index.ts';

const hotTypes: Readonly<Record<PropertyType, string>> = {
  String: 'string',
  Number: 'number',
  Integer: 'number',
  Boolean: 'boolean',
  List: 'comma_delimited_list',
  Map: 'json',
  Any: 'json',
};
const cfnTypes: Readonly<Record<PropertyType, string>> = {
  String: 'String',
  Number: 'Number',
  Integer: 'Number',
  Boolean: 'Boolean',
  List: 'CommaDelimitedList',
  Map: 'Json',
  Any: 'Json',
};

export function sampleTemplate(type: string, data: ResourceTypeData, language: string) {
  const hot = language === 'hot';
  const properties = Object.entries(data.properties).filter(([, { hidden }]) => hidden !== true);
  const parameters = Object.fromEntries(
    properties.map(([name, property]) => {
      const { default: preset, description } = property;
      const about = {
        ...(preset === undefined ? {} : { default: preset }),
        ...(description === undefined ? {} : { description }),
      };
      return hot
        ? [name, { type: hotTypes[property.type], ...about }]
        : [
            name,
            {
              Type: cfnTypes[property.type],
              ...Object.fromEntries(
                Object.entries(about).map(([key, value]) => [`${key.slice(0, 1).toUpperCase()}${key.slice(1)}`, value]),
              ),
            },
          ];
    }),
  );
  const given = properties.map(([name]) => [name, hot ? { get_param: name } : { Ref: name }]);
  const outputs = Object.entries(data.attributes).map(([name, { description = '' }]) => [
    name,
    hot
      ? { description, value: { get_attr: [data.plugin, name] } }
      : { Description: description, Value: { 'Fn::GetAtt': [data.plugin, name] } },
  ]);
  return hot
    ? {
        heat_template_version: '2016-10-14',
        description: `Initial template of ${data.plugin}`,
        parameters,
        resources: { [data.plugin]: { type, properties: Object.fromEntries(given) } },
        outputs: Object.fromEntries(outputs),
      }
    : {
        HeatTemplateFormatVersion: '2012-12-12',
        Description: `Initial template of ${data.plugin}`,
        Parameters: parameters,
        Resources: { [data.plugin]: { Type: type, Properties: Object.fromEntries(given) } },
        Outputs: Object.fromEntries(outputs),
      };
}
