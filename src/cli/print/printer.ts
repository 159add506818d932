// Where a command's results go: words for people, JSON for programs.
import { renderTable } from './table.ts';
import { oneLine } from './words.ts';

export interface Printer {
  readonly json: boolean;
  /** A person reads along: colours and lines that redraw themselves are welcome. */
  readonly live: boolean;
  line(text: string): void;
  /** `none` stands in the place of a table without rows. */
  table(headings: readonly string[], rows: readonly (readonly string[])[], none?: string): void;
  /** The machine-readable answer; printed with `--json` only. */
  data(value: unknown): void;
}

export function createPrinter(
  options: { json?: boolean | undefined },
  out: NodeJS.WriteStream = process.stdout,
): Printer {
  const json = options.json === true;
  const write = (text: string) => void out.write(`${text}\n`);
  return {
    json,
    live: out.isTTY === true && !json,
    line: (text) => {
      if (!json) write(text.split('\n').map(oneLine).join('\n'));
    },
    table: (headings, rows, none) => {
      if (!json) write(rows.length === 0 && none !== undefined ? none : renderTable(headings, rows));
    },
    data: (value) => {
      if (json) write(JSON.stringify(value, null, 2));
    },
  };
}
