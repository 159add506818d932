// The public face of what all the OpenStack APIs share.
export { type Caller, type RequestContext, systemCaller } from './context.ts';
export { ApiError, catalogue, commonErrors, fault } from './errors.ts';
export {
  baremetalFault,
  computeFault,
  errorsFault,
  identityFault,
  imageFault,
  introspectionFault,
  networkFault,
  orchestrationFault,
  reasonPhrase,
} from './faults.ts';
export {
  atLeast,
  compareMicroversions,
  formatMicroversion,
  type Microversion,
  type MicroversionRange,
  parseMicroversion,
} from './microversion.ts';
export { type MountOptions, mountApi, requestIdOf } from './mount.ts';
export { nextPageUrl, type Page } from './paging.ts';
export { createEnforcer, type Enforcer, type PolicyRules, PolicySyntaxError, parsePolicyRule } from './policy/index.ts';
export {
  type Answer,
  type Api,
  type ApiRequest,
  type Authenticate,
  empty,
  type FaultContext,
  json,
  type Route,
  route,
  type SchemaFault,
  type ScopeTypes,
  stream,
} from './route.ts';
export { describeFault, isUuidLike, normalizeUuid, violation, violations } from './validate.ts';
