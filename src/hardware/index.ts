// The public face of hardware: the contract and the hardware types.
export * from './capabilities.ts';
export * from './contract.ts';
export { type BmcExchange, overhear, tellExchange } from './conversation.ts';
export { createFakeHardware, type FakeDelays, type FakeHardware, type FakeHardwareOptions } from './fake/index.ts';
export { createIpmi, type IpmiOptions } from './ipmi/index.ts';
export { createRedfish, type RedfishOptions } from './redfish/index.ts';
