// The public face of the server.
export { registerUpCommand } from './command.ts';
