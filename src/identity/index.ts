// The public face of identity.
export { adminUserName, type BootstrapOptions } from './bootstrap.ts';
export { createIdentity, type Identity, type IdentityOptions } from './identity.ts';
export { createNoauth } from './noauth.ts';
export type { PasswordRules } from './password/rules.ts';
