// Template texts: JSON or YAML to a map, as the API accepts them.
import { limitExceeded, TemplateError, valueError } from './errors.ts';
import { type Dict, isDict, JsonFault, readJson, type Value } from './value/index.ts';
import { readYaml } from './yaml/index.ts';

const versionKeys = ['HeatTemplateFormatVersion', 'heat_template_version', 'AWSTemplateFormatVersion'];

function readAny(text: string, name: string): Value {
  // JSON is tried first: a JSON text with tabs or repeated keys is no YAML. What does not start like JSON is not tried.
  if (/^\s*["[{\d\-tfnNI]/.test(text)) {
    try {
      return readJson(text);
    } catch (cause) {
      if (!(cause instanceof JsonFault)) throw cause;
    }
  }
  try {
    return readYaml(text) ?? new Map();
  } catch (cause) {
    if (cause instanceof TemplateError && cause.type === 'ValueError')
      throw new TemplateError('ValueError', `Error parsing template ${name} ${cause.message}`, { cause });
    throw cause;
  }
}

/**
 * Reads a template's text.
 * @param name how error texts call it
 * @throws TemplateError ValueError for text that is no template, RequestLimitExceeded for one too long
 */
export function readTemplate(text: string, name = '[root stack]', maxBytes = 524_288): Dict {
  if (text.length > maxBytes)
    throw limitExceeded(`Template size (${text.length} bytes) exceeds maximum allowed size (${maxBytes} bytes).`);
  const data = readAny(text, name);
  if (!isDict(data)) throw valueError('The template is not a JSON object or YAML mapping.');
  if (!versionKeys.some((key) => data.has(key))) throw valueError('Template format version not found.');
  return data;
}
