// The few shapes of Markdown that generated pages are made of.

/** A generated file: its path below docs/reference and its text. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

const notice = '<!-- Made by `npm run docs` from the source; changes here are lost. -->';

export function page(path: string, title: string, ...parts: readonly string[]): Page {
  return { path, text: `${[`# ${title}`, notice, ...parts.filter((part) => part !== '')].join('\n\n')}\n` };
}

/** Cells are text as it is: what would end a cell is escaped. Columns that are empty in every row are left out. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const kept = heads.flatMap((_, column) => (rows.some((row) => row[column]) ? [column] : []));
  const line = (cells: readonly string[]) => `| ${kept.map((column) => cell(cells[column] ?? '')).join(' | ')} |`;
  return [line(heads), `|${' --- |'.repeat(kept.length)}`, ...rows.map(line)].join('\n');
}

export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
