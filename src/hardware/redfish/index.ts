// The public face of the redfish hardware type.
export { createRedfish, type RedfishOptions } from './redfish.ts';
