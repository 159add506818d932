// The public face of the ipmi hardware type.
export { createIpmi, type IpmiOptions } from './ipmi.ts';
