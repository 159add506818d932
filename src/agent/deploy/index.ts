// The face for simulated machines, which run the real agent on a machine of their own.

export { type Clock, systemClock } from '../clock.ts';
export { type DeployAgent, type DeployAgentOptions, startDeployAgent } from './agent.ts';
export { agentOptionsOf, authorityOf, parseCommandLine } from './command-line.ts';
export type { Machine, MachineStep, Report, WriteRequest } from './machine.ts';
export { chooseRootDisk } from './root-device.ts';
