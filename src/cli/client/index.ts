// The public face of the API client that commands use.
export { ApiFailure, type ApiJson, type CallOptions, type Client, createClient } from './client.ts';
export { type Cloud, findCloud } from './cloud.ts';
