// The user options `multi_factor_auth_enabled` and `multi_factor_auth_rules`: which methods a login must have shown.
import type { UserRow } from '../store.ts';

/**
 * Undefined when one of the user's rules is met or there is none; else the rules of which a method was shown, as the
 * client is told them.
 */
export function lackingFactors(
  { options }: Pick<UserRow, 'options'>,
  shown: readonly string[],
): readonly (readonly string[])[] | undefined {
  if (options.multi_factor_auth_enabled === false || !Array.isArray(options.multi_factor_auth_rules)) return undefined;
  const rules = options.multi_factor_auth_rules.map((rule) => (Array.isArray(rule) ? rule.map(String) : []));
  if (rules.length === 0 || rules.some((rule) => rule.every((method) => shown.includes(method)))) return undefined;
  return rules.filter((rule) => rule.some((method) => shown.includes(method)));
}
