// The attribute registry that describes the BIOS settings (DSP8010, AttributeRegistry).
import { type BiosAttribute, biosAttributes } from './bios-attributes.ts';
import type { Bmc } from './bmc.ts';
import { fault } from './messages.ts';
import { collection, resource, root } from './resources.ts';
import { type Answer, ok, type RedfishRequest } from './router.ts';

export const biosRegistry = 'VirtualRackBios.v1_0_0';
const path = `${root}/Registries/${biosRegistry}`;

export const listRegistries = (): Answer =>
  ok(collection(`${root}/Registries`, 'MessageRegistryFileCollection', 'Registries', [path]));

function requireRegistry(request: RedfishRequest): void {
  if (request.path.id !== biosRegistry) throw fault('ResourceMissingAtURI', [request.uri]);
}

export function getRegistryFile(_bmc: Bmc, request: RedfishRequest): Answer {
  requireRegistry(request);
  return ok({
    ...resource(path, 'MessageRegistryFile.v1_1_3.MessageRegistryFile', biosRegistry, 'BIOS settings'),
    Registry: biosRegistry,
    Languages: ['en'],
    Location: [{ Language: 'en', Uri: `${path}/registry` }],
  });
}

function bounds(attribute: BiosAttribute): Record<string, unknown> {
  switch (attribute.type) {
    case 'Enumeration':
      return { Value: attribute.values.map((value) => ({ ValueName: value, ValueDisplayName: value })) };
    case 'Integer':
      return { LowerBound: attribute.least, UpperBound: attribute.most };
    case 'String':
      return { MinLength: 0, MaxLength: attribute.longest };
    case 'Boolean':
      return {};
    default:
      return attribute satisfies never;
  }
}

export function getRegistry(_bmc: Bmc, request: RedfishRequest): Answer {
  requireRegistry(request);
  return ok({
    '@odata.id': `${path}/registry`,
    '@odata.type': '#AttributeRegistry.v1_3_3.AttributeRegistry',
    Id: biosRegistry,
    Name: 'BIOS settings',
    Language: 'en',
    RegistryVersion: '1.0.0',
    OwningEntity: 'Undercloud',
    RegistryEntries: {
      Attributes: Object.entries(biosAttributes).map(([name, attribute]) => ({
        AttributeName: name,
        Type: attribute.type,
        DisplayName: attribute.label,
        DefaultValue: attribute.initial,
        ReadOnly: false,
        ResetRequired: true,
        ...bounds(attribute),
      })),
    },
  });
}
