// The `.oac` file beside a template: mode, owner, group of the result, and whether an empty result makes a file.
import { AgentError } from '../../errors.ts';

export interface FileControl {
  readonly mode?: number;
  /** A name or a number. */
  readonly owner?: string;
  readonly group?: string;
  readonly allowEmpty: boolean;
}

/** Reads `key: value` lines (the part of YAML that these files use). Throws AgentError `template`. */
export function parseControl(text: string, path: string): FileControl {
  let control: FileControl = { allowEmpty: true };
  for (const line of text.split('\n')) {
    if (/^\s*(?:#.*)?$/.test(line) || /^(?:---|\.\.\.)\s*$/.test(line)) continue;
    const [, key, raw] = /^([\w-]+)\s*:\s*(.*?)\s*(?:\s#.*)?$/.exec(line) ?? [];
    const value = raw?.replace(/^(['"])(.*)\1$/, '$2') ?? '';
    if (key === 'mode') control = { ...control, mode: parseMode(value, path) };
    else if (key === 'owner') control = { ...control, owner: value };
    else if (key === 'group') control = { ...control, group: value };
    else if (key === 'allow_empty') control = { ...control, allowEmpty: parseTruth(value, path) };
    else throw new AgentError('template', `${path}: unrecognised file control key '${key ?? line.trim()}'`);
  }
  return control;
}

/** Octal with a leading zero (or 0o), else decimal, as YAML reads numbers. */
function parseMode(value: string, path: string): number {
  const octal = /^0o?([0-7]+)$/.exec(value)?.[1];
  const mode = octal === undefined ? Number(value) : Number.parseInt(octal, 8);
  if (!/^(?:0o?[0-7]+|\d+)$/.test(value)) throw new AgentError('template', `${path}: mode '${value}' is not numeric`);
  if (mode > 0o777) throw new AgentError('template', `${path}: mode '${value}' out of range`);
  return mode;
}

function parseTruth(value: string, path: string): boolean {
  if (/^(?:true|yes|on)$/i.test(value)) return true;
  if (/^(?:false|no|off)$/i.test(value)) return false;
  throw new AgentError('template', `${path}: allow_empty requires Boolean, got '${value}'`);
}
