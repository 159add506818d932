// Reads driver_info: each way of driving a machine has its own keys and the same ways of getting them wrong.
import { type DriverInfo, HardwareError } from './contract.ts';

export interface InfoReader {
  /** Undefined when it is absent or empty. */
  text(key: string): string | undefined;
  /** Whole number from `least` to `most`, given as number or text. */
  whole(key: string, least: number, most: number): number | undefined;
  /** A boolean, or text for one; text for neither counts as `otherwise`. */
  flag(key: string, otherwise: boolean): boolean;
  oneOf<Value extends string>(key: string, values: readonly Value[]): Value | undefined;
  bad(what: string): HardwareError;
}

/** Every method throws HardwareError `misconfigured` that names the key. `protocol` is how messages call the settings. */
export function readDriverInfo(info: DriverInfo, protocol: string): InfoReader {
  const bad = (what: string) => new HardwareError('misconfigured', `The ${protocol} settings cannot be used: ${what}.`);
  function text(key: string): string | undefined {
    const value = info[key];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') throw bad(`${key} is not text`);
    return value;
  }
  return {
    text,
    bad,
    whole(key, least, most) {
      const given = info[key];
      if (given === undefined || given === null || given === '') return undefined;
      const value = typeof given === 'number' || typeof given === 'string' ? Number(given) : Number.NaN;
      if (!Number.isInteger(value) || value < least || value > most)
        throw bad(`${key} "${String(given)}" is not a whole number from ${least} to ${most}`);
      return value;
    },
    flag(key, otherwise) {
      const given = String(info[key] ?? '');
      if (/^(true|yes|on|1)$/i.test(given)) return true;
      return /^(false|no|off|0)$/i.test(given) ? false : otherwise;
    },
    oneOf(key, values) {
      const given = text(key);
      const found = values.find((value) => value.toLowerCase() === given?.toLowerCase());
      if (given !== undefined && found === undefined) throw bad(`${key} "${given}" is none of ${values.join(', ')}`);
      return found;
    },
  };
}
