// The public face of the virtual rack: its commands.
export { registerRackCommand, registerShellCommand } from './command/commands.ts';
