// Every message between the server and the agents, as schemas for the server and types for both.
export * from './protocol/config.ts';
export * from './protocol/deploy.ts';
export * from './protocol/inventory.ts';
