// Software configs as resources: rows of the software config API.
import {
  type ConfigInput,
  type ConfigOutput,
  deleteConfig,
  findConfig,
  insertConfig,
} from '../../software-config/store.ts';
import type { ImmediateType, Properties } from './contract.ts';

function list<Item>(value: unknown): readonly Item[] {
  return Array.isArray(value) ? value : [];
}

function configType(defaultGroup: string): ImmediateType {
  return {
    kind: 'immediate',
    async create(tx, place, properties) {
      const row = await insertConfig(tx, {
        id: place.id,
        projectId: place.projectId,
        name: `${place.stackName}-${place.name}`,
        group: typeof properties.group === 'string' ? properties.group : defaultGroup,
        config: properties.config ?? null,
        inputs: list<ConfigInput>(properties.inputs),
        outputs: list<ConfigOutput>(properties.outputs),
        options: properties.options ?? null,
      });
      return { physicalId: row.id, attributes: { config: row.config } };
    },
    async delete(tx, _place, before) {
      if (before.physicalId !== '' && (await findConfig(tx, before.physicalId)))
        await deleteConfig(tx, before.physicalId);
    },
  };
}

/** OS::Heat::SoftwareConfig. A changed config is a new one: deployments see by its id that they must run. */
export const softwareConfigType = configType('Heat::Ungrouped');
/** OS::Heat::StructuredConfig. */
export const structuredConfigType = configType('Heat::Ungrouped');

/** Puts input values where a structured config says `{get_input: NAME}` (the key is the deployment's `input_key`). */
export function fillInputs(value: unknown, inputKey: string, values: Properties): unknown {
  if (Array.isArray(value)) return value.map((item) => fillInputs(item, inputKey, values));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === inputKey && typeof only[1] === 'string') return values[only[1]] ?? null;
  return Object.fromEntries(entries.map(([key, inner]) => [key, fillInputs(inner, inputKey, values)]));
}
