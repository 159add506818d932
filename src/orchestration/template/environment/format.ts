// Environment files: which sections they may have.
import { valueError } from '../errors.ts';
import { type Dict, isDict, type Key, str, type Value } from '../value/index.ts';
import { readYaml } from '../yaml/index.ts';

/** What an environment may hold. */
export const environmentSections: readonly string[] = [
  'parameters',
  'resource_registry',
  'parameter_defaults',
  'encrypted_param_names',
  'event_sinks',
  'parameter_merge_strategies',
];

/**
 * Reads the text of an environment.
 * @throws TemplateError ValueError for text that is no YAML map or has sections no environment has
 */
export function readEnvironment(text: string): Dict {
  const data = readYaml(text) ?? new Map();
  if (!isDict(data)) throw valueError('The environment is not a valid YAML mapping data type.');
  return checkEnvironment(data);
}

/** @throws TemplateError ValueError for an unknown or empty section */
export function checkEnvironment(data: Dict): Dict {
  for (const [section, value] of data) {
    if (typeof section !== 'string' || !environmentSections.includes(section))
      throw valueError(`environment has wrong section "${str(section)}"`);
    if (value === null) throw valueError(`environment has empty section "${section}"`);
  }
  return data;
}

/** Adds the sections an environment lacks, empty. */
export function withAllSections(data: Dict): Dict {
  const full = new Map<Key, Value>(data);
  for (const section of environmentSections) {
    if (full.has(section) || section === 'parameter_merge_strategies') continue;
    full.set(section, section === 'encrypted_param_names' || section === 'event_sinks' ? [] : new Map());
  }
  return full;
}
