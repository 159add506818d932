// The live event stream, taken up again wherever it was cut off.
import type { Client } from '../client/index.ts';

export interface StreamedEvent {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly subject: string;
  readonly operation_id: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: each kind has a payload of its own.
  readonly payload: any;
}

/** Events from now on (or after a cursor), for ever: reconnects where it was cut off. End it with `signal`. */
export async function* followEvents(
  client: Client,
  signal: AbortSignal,
  after?: string,
): AsyncGenerator<StreamedEvent> {
  let cursor = after;
  while (!signal.aborted) {
    try {
      const stream = await client.open(
        'events',
        '',
        { accept: 'text/event-stream', ...(cursor === undefined ? {} : { 'last-event-id': cursor }) },
        signal,
      );
      let buffer = '';
      for await (const chunk of stream) {
        buffer += String(chunk);
        const blocks = buffer.split('\n\n');
        buffer = blocks.pop() ?? '';
        for (const block of blocks) {
          const data = /^data: (.*)$/m.exec(block)?.[1];
          if (data === undefined) continue;
          const event: StreamedEvent = JSON.parse(data);
          cursor = event.id;
          yield event;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Error) || ('status' in error && error.status !== 0)) throw error;
      await new Promise((again) => setTimeout(again, 1000)); // the server is being restarted
    }
  }
}
