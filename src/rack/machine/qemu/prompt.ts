// Answers the firmware's "press a key" prompt at once, as a server's "skip prompt" setting does.
import { connect } from 'node:net';

/**
 * Debian's iPXE ROM waits 2 s at this prompt at every network boot. Any key but Ctrl-B sends it on; a key pressed
 * before the prompt is not seen.
 */
const prompt = 'Press Ctrl-B for the iPXE command line';

export interface Serial {
  type(keys: Buffer): void;
  close(): void;
}

/** Follows the guest's serial line and answers the prompt. QEMU takes one listener: whoever else types does it here. */
export function answerPrompts(consolePath: string): Serial {
  const socket = connect(consolePath);
  let tail = '';
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    tail += text;
    if (tail.includes(prompt)) {
      socket.write(' ');
      tail = '';
    }
    tail = tail.slice(-prompt.length);
  });
  // Without the line the guest only waits out its prompt.
  socket.on('error', () => undefined);
  return { type: (keys) => void socket.write(keys), close: () => socket.destroy() };
}
