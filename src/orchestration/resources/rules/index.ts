// What types demand of their properties together, checked before a stack is made.
import type { TypeRules } from '../../template/index.ts';
import { cloudRules } from './cloud.ts';
import { heatRules } from './heat.ts';
import { networkRules } from './network.ts';

export const resourceRules: ReadonlyMap<string, TypeRules> = new Map(
  [heatRules, cloudRules, networkRules].flatMap((group) => Object.entries(group)),
);
