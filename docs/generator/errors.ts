// The error catalogues: kind, status, text and what to do.
import type { ApiError } from '../../src/openstack/index.ts';
import { code, type Page, page, table } from './markdown.ts';

export interface CatalogueEntry {
  readonly kind: string;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

interface Entry {
  readonly status: number;
  readonly message: (...args: never[]) => string;
  readonly hint: string;
  readonly code?: string;
}

/** Functions made by `catalogue()`, which carry their entry, among whatever else a module exports beside them. */
export function readCatalogue(catalogue: Readonly<Record<string, unknown>>): CatalogueEntry[] {
  return Object.entries(catalogue).flatMap(([kind, make]) =>
    isMaker(make)
      ? [
          {
            kind,
            status: make.entry.status,
            code: make.entry.code ?? '',
            message: messageOf(make.entry),
            hint: make.entry.hint,
          },
        ]
      : [],
  );
}

export function errorTable(errors: readonly CatalogueEntry[]): string {
  return table(
    ['Kind', 'Status', 'Code', 'Message', 'What to do'],
    errors.map((error) => [code(error.kind), String(error.status), code(error.code), error.message, error.hint]),
  );
}

export function commonErrorsPage(errors: readonly CatalogueEntry[]): Page {
  return page(
    'errors.md',
    'Errors that all APIs share',
    'Every API answers in the form that its OpenStack clients expect; the hint stands after the message where that form has room for it. Names in braces stand for what the error is about. Errors of one API only are on its page.',
    errorTable(errors),
  );
}

function isMaker(value: unknown): value is ((...args: never[]) => ApiError) & { entry: Entry } {
  return typeof value === 'function' && 'entry' in value;
}

/** The message with the names of its parameters where their values would stand. */
function messageOf({ message }: Entry): string {
  const names = /^(?:\(([^)]*)\)|(\w+)) *=>/.exec(message.toString());
  const given = (names?.[1] ?? names?.[2] ?? '')
    .split(',')
    .map((name) => name.replace(/=.*$/, '').trim())
    .filter((name) => name !== '')
    .map(placeholder);
  return String((message as (...args: readonly unknown[]) => unknown)(...given));
}

/** Whatever is asked of it, it answers itself; as text it is its name in braces. */
function placeholder(name: string): unknown {
  const text = `{${name}}`;
  const self: unknown = new Proxy(() => text, {
    get: (_target, key) => (key === Symbol.toPrimitive || key === 'toString' ? () => text : self),
    apply: () => self,
  });
  return self;
}
