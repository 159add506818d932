// The public face of the fake hardware type.
export { createFakeHardware, type FakeDelays, type FakeHardware, type FakeHardwareOptions } from './fake.ts';
