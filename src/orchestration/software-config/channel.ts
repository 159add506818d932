// The secret addresses by which a machine fetches its metadata and reports its results.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** `metadata` for what a server runs, `signal` for one deployment's result, `resource` for a wait condition. */
export type ChannelUse = 'metadata' | 'signal' | 'resource';

export interface Channels {
  /** URL under the machines' listener, good for this one server or deployment. */
  url(use: ChannelUse, id: string): string;
  /** The id a token was made for; undefined when it is not one of ours. */
  verify(use: ChannelUse, token: string): string | undefined;
}

/** Tokens are `ID.MAC`: nothing has to be stored, and a machine can be given its address before its row exists. */
export function createChannels(secret: Buffer, origin: () => string): Channels {
  const mac = (use: ChannelUse, id: string) =>
    createHmac('sha256', secret).update(`agent channel:${use}:${id}`).digest('base64url');
  return {
    url: (use, id) => `${origin()}/agent/${use}/${id}.${mac(use, id)}`,
    verify(use, token) {
      const dot = token.lastIndexOf('.');
      if (dot < 1) return undefined;
      const id = token.slice(0, dot);
      const given = Buffer.from(token.slice(dot + 1));
      const wanted = Buffer.from(mac(use, id));
      return given.length === wanted.length && timingSafeEqual(given, wanted) ? id : undefined;
    },
  };
}
