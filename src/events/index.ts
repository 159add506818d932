// The public face of the event log.
export { appendEvent, appending, forgetEvents, type NewEvent } from './append.ts';
export { createEventFollower, type EventFollower } from './follow.ts';
export { beginning, type Event, type EventQuery, newestCursor, parseCursor, readEvents } from './read.ts';
export { eventsApi } from './routes.ts';
