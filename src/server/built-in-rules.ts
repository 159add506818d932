// The file of inspection rules that come with the configuration.
import { type BaremetalConfig, builtInRules } from '../baremetal/index.ts';
import { readYamlFile } from './yaml-file.ts';

/** Throws StartError for a file that cannot be read or holds no rules. */
export function builtInRulesFrom(file: string | undefined): BaremetalConfig['builtInRules'] {
  return file === undefined ? [] : readYamlFile('inspection.built_in_rules', file, builtInRules);
}
