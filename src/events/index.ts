// The public face of the event log.
export { appendEvent, type NewEvent } from './append.ts';
