// The public face of the ipmi hardware type.

export { ipmiConsole } from './console.ts';
export { createIpmi, type IpmiOptions } from './ipmi.ts';
