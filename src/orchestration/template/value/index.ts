// The value model of the template language.
export { equal, keyOf, lookup } from './equality.ts';
export { describeFault, JsonFault, readJson } from './json-reader.ts';
export { isKey, jsonString, jsonText } from './json-text.ts';
export { toBoolean, toFloat, toInteger, toNumber } from './number.ts';
export { compare, compareText } from './order.ts';
export { copy, fromPlain, type Plain, toPlain } from './plain.ts';
export { floatText, quote, repr, str } from './text.ts';
export {
  type Absent,
  absent,
  type Dict,
  Float,
  integer,
  isDict,
  isInteger,
  isNumber,
  type Key,
  numeric,
  truthy,
  typeName,
  type Value,
} from './value.ts';
