// Reads the limit of a list.
import { errors } from './errors.ts';

/** Nova's osapi_max_limit. */
export const maxLimit = 1000;

/** Throws Invalid for a limit that is no whole number. 0 means: the service's own. */
export function limitOf(search: URLSearchParams): number {
  const text = search.get('limit');
  if (text === null) return maxLimit;
  if (!/^\d{1,9}$/.test(text)) throw errors.Invalid(`limit param must be a whole number, not ${text}`);
  return Number(text) === 0 ? maxLimit : Math.min(maxLimit, Number(text));
}
