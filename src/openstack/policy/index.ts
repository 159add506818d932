// The public face of policy: rules in oslo.policy's language, defaults and overrides.
export { createEnforcer, type Enforcer, type PolicyRules } from './enforcer.ts';
export { PolicySyntaxError, parsePolicyRule } from './parse.ts';
