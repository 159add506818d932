// Python's str.format() for the fields that templates use: positions, names, items and simple widths.
import { keyError, TemplateError, valueError } from '../../errors.ts';
import { Float, isInteger } from '../../value/index.ts';
import { type Data, Dict, isList, show, text } from '../data.ts';

function lookUp(path: string, args: readonly Data[], named: ReadonlyMap<string, Data>, next: () => number): Data {
  const match = /^([^.[]*)/.exec(path);
  const head = match?.[1] ?? '';
  let value: Data | undefined;
  if (head === '' || /^\d+$/.test(head)) {
    value = args[head === '' ? next() : Number(head)];
    if (value === undefined)
      throw new TemplateError('IndexError', `Replacement index ${head || 0} out of range for positional args tuple`);
  } else {
    value = named.get(head);
    if (value === undefined) throw keyError(head);
  }
  for (const item of path.slice(head.length).matchAll(/\[([^\]]*)\]/g)) {
    const key = item[1] ?? '';
    const inner: Data | undefined =
      value instanceof Dict ? value.get(key) : isList(value) ? value[Number(key)] : undefined;
    if (inner === undefined) throw keyError(key);
    value = inner;
  }
  return value;
}

function aligned(value: string, align: string, fill: string, width: number): string {
  const missing = Math.max(width - [...value].length, 0);
  if (align === '>') return fill.repeat(missing) + value;
  if (align === '^') return fill.repeat(Math.floor(missing / 2)) + value + fill.repeat(Math.ceil(missing / 2));
  return value + fill.repeat(missing);
}

function number(value: number | bigint | Float, precision: string | undefined, type: string): string {
  if (type === 'f' || (precision !== undefined && type === ''))
    return (value instanceof Float ? value.value : Number(value)).toFixed(
      precision === undefined ? 6 : Number(precision),
    );
  if (isInteger(value)) {
    if (type === 'x') return value.toString(16);
    if (type === 'X') return value.toString(16).toUpperCase();
    if (type === 'b') return value.toString(2);
    if (type === 'o') return value.toString(8);
  }
  return text(value);
}

function shaped(value: Data, spec: string): string {
  const match = /^(?:(.)?([<>^=]))?([+-])?(0)?(\d+)?(?:\.(\d+))?([a-zA-Z%])?$/su.exec(spec);
  if (!match) throw valueError('Invalid format specifier');
  const [, fill, align, sign, zero, width, precision, type = ''] = match;
  if (Number(width ?? 0) > 10_000)
    throw new TemplateError('MemoryQuotaExceededException', 'Expression consumed too much memory');
  const isNumber = isInteger(value) || value instanceof Float;
  let shown = isNumber ? number(value, precision, type) : text(value);
  if (!isNumber && precision !== undefined) shown = [...shown].slice(0, Number(precision)).join('');
  if (sign === '+' && isNumber && !shown.startsWith('-')) shown = `+${shown}`;
  return aligned(shown, align ?? (isNumber ? '>' : '<'), fill ?? (zero ? '0' : ' '), Number(width ?? 0));
}

/** @throws TemplateError IndexError or KeyError for a field nobody gave, ValueError for a format that is none */
export function format(template: string, args: readonly Data[], named: ReadonlyMap<string, Data>): string {
  let place = 0;
  return template.replace(
    /\{\{|\}\}|\{([^{}!:]*)(?:!([rs]))?(?::([^{}]*))?\}|[{}]/g,
    (whole, path, conversion, spec) => {
      if (whole === '{{') return '{';
      if (whole === '}}') return '}';
      if (typeof path !== 'string') throw valueError(`Single '${whole}' encountered in format string`);
      const value = lookUp(path, args, named, () => place++);
      if (conversion === 'r') return show(value);
      if (value === null || typeof value === 'boolean') return show(value);
      return shaped(value, typeof spec === 'string' ? spec : '');
    },
  );
}
