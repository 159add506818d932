// The public face of network boot scripts.
export { type BootScript, ipxeBootScript, ipxeEntryUrl, ipxeWaitScript } from './script.ts';
