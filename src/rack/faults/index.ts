// Faults of machines: what the rack and its command use of them.
export { describeFaults, Faults, faultKinds, machineFaults, withFault } from './faults.ts';
