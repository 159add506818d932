// Numbers on the command line.
import { InvalidArgumentError } from 'commander';

/** For commander: the text as a whole number of 1 or more. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of 1 or more.');
  return Number(text);
}
