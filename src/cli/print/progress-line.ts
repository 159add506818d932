// One line of progress that redraws itself on a terminal and becomes few plain lines in a pipe.
import { oneLine } from './words.ts';

export interface ProgressLine {
  /** Replaces the live line; in a pipe it is dropped. */
  show(text: string): void;
  /** A line that stays. */
  keep(text: string): void;
  end(): void;
}

export function createProgressLine(live: boolean, out: NodeJS.WriteStream = process.stdout): ProgressLine {
  let drawn = '';
  const clear = () => {
    if (drawn !== '') out.write('\r\x1b[2K');
    drawn = '';
  };
  return {
    show(progress) {
      const text = oneLine(progress);
      if (!live || text === drawn) return;
      const width = out.columns ?? 80;
      clear();
      drawn = text.length >= width ? `${text.slice(0, width - 2)}…` : text;
      out.write(drawn);
    },
    keep(text) {
      const before = drawn;
      clear();
      out.write(`${oneLine(text)}\n`);
      if (live && before !== '') {
        drawn = before;
        out.write(drawn);
      }
    },
    end: clear,
  };
}
