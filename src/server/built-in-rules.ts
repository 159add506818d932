// The file of inspection rules that come with the configuration.
import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { type BaremetalConfig, builtInRules } from '../baremetal/index.ts';
import { StartError } from './errors.ts';

/** Throws StartError for a file that cannot be read or holds no rules. */
export function builtInRulesFrom(file: string | undefined): BaremetalConfig['builtInRules'] {
  if (file === undefined) return [];
  try {
    return builtInRules(parseYaml(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new StartError(
      `inspection.built_in_rules ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}
