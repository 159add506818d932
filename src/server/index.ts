// The public face of the server.
export { registerUpCommand } from './command.ts';
export { defaultDataFolder } from './default-data.ts';
