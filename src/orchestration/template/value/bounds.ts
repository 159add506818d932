// Bounds on what functions put together, so that values which double from resource to resource end early.
import { limitExceeded } from '../errors.ts';

const mostChars = 16_000_000;
const mostItems = 1_000_000;

/**
 * Joins texts.
 * @throws TemplateError RequestLimitExceeded when the result would be longer than 16 million characters
 */
export function joinBounded(parts: readonly string[], separator: string): string {
  const length =
    parts.reduce((total, part) => total + part.length, 0) + separator.length * Math.max(parts.length - 1, 0);
  if (length > mostChars) throw limitExceeded(`a text of ${length} characters is more than a template may make.`);
  return parts.join(separator);
}

/** Splits a text. @throws TemplateError RequestLimitExceeded for more than a million parts */
export function splitBounded(text: string, separator: string): string[] {
  const parts = text.split(separator, mostItems + 1);
  checkLength(parts.length);
  return parts;
}

/** @throws TemplateError RequestLimitExceeded for a list of more than a million items */
export function checkLength(items: number): void {
  if (items > mostItems) throw limitExceeded(`a list of ${items} items is more than a template may make.`);
}
