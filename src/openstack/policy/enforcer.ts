// Decides whether a caller passes a policy rule for a target.
import type { Caller } from '../context.ts';
import { type PolicyCheck, PolicySyntaxError, parsePolicyRule } from './parse.ts';

/** Rule name -> expression. */
export type PolicyRules = Readonly<Record<string, string>>;

type Target = Readonly<Record<string, unknown>>;

export interface Enforcer {
  /** Unknown rules fall to the rule `default`; without one nobody passes. */
  allows(rule: string, caller: Caller, target: Target): boolean;
}

/**
 * Compiles default rules with the overrides of a policy file on top.
 * Throws PolicySyntaxError for a rule that cannot be read or that refers to itself.
 */
export function createEnforcer(defaults: PolicyRules, overrides: PolicyRules = {}): Enforcer {
  const checks = new Map<string, PolicyCheck>();
  for (const [name, text] of Object.entries({ ...defaults, ...overrides })) checks.set(name, parsePolicyRule(text));
  for (const name of checks.keys()) refuseCycle(name, checks, []);

  function passes(check: PolicyCheck, caller: Caller, target: Target): boolean {
    switch (check.kind) {
      case 'always':
        return true;
      case 'never':
        return false;
      case 'not':
        return !passes(check.check, caller, target);
      case 'and':
        return check.checks.every((inner) => passes(inner, caller, target));
      case 'or':
        return check.checks.some((inner) => passes(inner, caller, target));
      case 'role':
        return caller.roles.some((role) => role.toLowerCase() === check.name);
      case 'rule':
        return allows(check.name, caller, target);
      case 'match':
        return matches(check.left, check.right, caller, target);
    }
  }
  function allows(rule: string, caller: Caller, target: Target): boolean {
    const check = checks.get(rule) ?? checks.get('default');
    return check !== undefined && passes(check, caller, target);
  }
  return { allows };
}

function refuseCycle(name: string, checks: ReadonlyMap<string, PolicyCheck>, above: readonly string[]): void {
  if (above.includes(name))
    throw new PolicySyntaxError(`policy rule refers to itself: ${[...above, name].join(' -> ')}`);
  const visit = (check: PolicyCheck): void => {
    if (check.kind === 'rule') refuseCycle(check.name, checks, [...above, name]);
    else if (check.kind === 'not') visit(check.check);
    else if (check.kind === 'and' || check.kind === 'or') check.checks.forEach(visit);
  };
  const check = checks.get(name);
  if (check) visit(check);
}

function matches(left: string, right: string, caller: Caller, target: Target): boolean {
  if (left === 'field') return fieldMatches(right, target);
  const wanted = /^%\(([^)]+)\)s$/.exec(right);
  const value = wanted ? lookup(target, wanted[1] ?? '') : right;
  if (value === undefined) return false;
  if (left === 'None') return value === null;
  const literal = /^'(.*)'$/.exec(left)?.[1] ?? (left === 'True' || left === 'False' ? left : undefined);
  const have = literal ?? credential(caller, left);
  // What the caller lacks matches a literal None, never a value of the target: that may come from the request.
  if (have === undefined || have === null) return !wanted && value === 'None';
  return String(have) === String(value);
}

/** Neutron's check of the target itself: `networks:shared=True`, or `port:device_owner=~^network:` for a pattern. */
function fieldMatches(text: string, target: Target): boolean {
  const [, name = '', pattern, wanted = ''] = /^[^:]+:([^=]+)=(~?)(.*)$/.exec(text) ?? [];
  const value = target[name];
  if (value === undefined || value === null) return false;
  if (pattern === '~') return new RegExp(wanted).test(String(value));
  return String(value).toLowerCase() === wanted.toLowerCase();
}

function lookup(target: Target, path: string): unknown {
  if (path in target) return target[path];
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      target,
    );
}

/** The credentials that rules may name, as oslo.context hands them to oslo.policy. */
function credential(caller: Caller, name: string): unknown {
  switch (name) {
    case 'user_id':
    case 'user':
      return caller.userId;
    case 'project_id':
    case 'tenant_id':
    case 'tenant':
      return caller.projectId;
    case 'domain_id':
    case 'token.domain.id':
      return caller.domainId;
    case 'user_domain_id':
      return caller.userDomainId;
    case 'project_domain_id':
    case 'token.project.domain.id':
      return caller.projectDomainId;
    case 'project_name':
    case 'tenant_name':
      return caller.projectName;
    case 'user_name':
      return caller.userName;
    case 'system_scope':
    case 'system':
      return caller.systemScope;
    case 'is_admin':
    case 'is_admin_project':
      return caller.roles.includes('admin') ? 'True' : 'False';
    default:
      return undefined;
  }
}
