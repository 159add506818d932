// Numbers: arithmetic, comparison, rounding, bits.
import { TemplateError, typeError } from '../../errors.ts';
import { Float, floatText, integer, isInteger, toFloat, toInteger, type Value } from '../../value/index.ts';
import type { Data } from '../data.ts';
import { define, type FunctionSpec, type Given } from '../function.ts';
import { whole } from './argument.ts';

type Numeric = number | bigint | Float;
const isFloat = (value: Given): value is Float => value instanceof Float;
const plain = (value: Given): number => (value instanceof Float ? value.value : Number(value));
const big = (value: Given): bigint => BigInt(typeof value === 'bigint' ? value : Math.trunc(Number(value)));

/** Applies an operation exactly to integers and in floating point otherwise. */
function arithmetic(
  a: Given,
  b: Given,
  exact: (x: bigint, y: bigint) => bigint,
  floating: (x: number, y: number) => number,
): Data {
  return isFloat(a) || isFloat(b) ? new Float(floating(plain(a), plain(b))) : integer(exact(big(a), big(b)));
}

const floorDivide = (x: bigint, y: bigint): bigint => {
  const quotient = x / y;
  return x % y !== 0n && x < 0n !== y < 0n ? quotient - 1n : quotient;
};
const floorModulo = (x: bigint, y: bigint): bigint => x - floorDivide(x, y) * y;

function divide(a: Given, b: Given): Data {
  if (plain(b) === 0)
    throw new TemplateError(
      'ZeroDivisionError',
      isFloat(a) || isFloat(b) ? 'float division by zero' : 'integer division or modulo by zero',
    );
  return arithmetic(a, b, floorDivide, (x, y) => x / y);
}

function modulo(a: Given, b: Given): Data {
  if (plain(b) === 0)
    throw new TemplateError('ZeroDivisionError', isFloat(a) || isFloat(b) ? 'float modulo' : 'integer modulo by zero');
  return arithmetic(a, b, floorModulo, (x, y) => {
    const rest = x % y;
    return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
  });
}

const convertible = (value: Given): value is Exclude<Value, Value[] | Map<unknown, unknown> | null> =>
  typeof value === 'string' || typeof value === 'boolean' || isInteger(value) || isFloat(value);

function toWhole(value: Given): Data {
  if (value === null || value === undefined) return 0;
  if (!convertible(value))
    throw typeError("int() argument must be a string, a bytes-like object or a real number, not 'tuple'");
  return toInteger(value);
}

function toReal(value: Given): Data {
  if (value === null || value === undefined) return new Float(0);
  if (!convertible(value)) throw typeError("float() argument must be a string or a real number, not 'tuple'");
  return toFloat(value);
}

/** Rounds half to even, as Python does. */
function round(value: Given, digits: number): Data {
  if (!isFloat(value)) {
    if (digits >= 0) return integer(big(value));
    const unit = 10n ** BigInt(-digits);
    const half = floorModulo(big(value), unit);
    const low = big(value) - half;
    const up = half * 2n > unit || (half * 2n === unit && (low / unit) % 2n !== 0n);
    return integer(up ? low + unit : low);
  }
  const scale = 10 ** digits;
  const scaled = value.value * scale;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const even = floor % 2 === 0 ? floor : floor + 1;
  const rounded = rest < 0.5 ? floor : rest > 0.5 ? floor + 1 : even;
  return new Float(Number(floatText(rounded / scale)));
}

function power(a: Given, b: Given, mod: Given): Data {
  if (isFloat(a) || isFloat(b) || plain(b) < 0) return new Float(plain(a) ** plain(b));
  if (plain(b) > 4096) throw new TemplateError('MemoryQuotaExceededException', 'Expression consumed too much memory');
  const value = big(a) ** big(b);
  return integer(mod === null || mod === undefined ? value : floorModulo(value, big(mod)));
}

const comparison = (name: string, holds: (order: number) => boolean): FunctionSpec =>
  define(name, 'f', ['left:number', 'right:number'], (_, a, b) => {
    const x = isFloat(a) ? a.value : a;
    const y = isFloat(b) ? b.value : b;
    if (Number.isNaN(Number(x)) || Number.isNaN(Number(y))) return false;
    return holds(x !== undefined && y !== undefined && x !== null && y !== null ? (x < y ? -1 : x > y ? 1 : 0) : 0);
  });

const bits = (name: string, operation: (x: bigint, y: bigint) => bigint): FunctionSpec =>
  define(name, 'f', ['left:integer', 'right:integer'], (_, a, b) => integer(operation(big(a), big(b))));

const numeric = (value: Given): value is Numeric => isInteger(value) || isFloat(value);

export const mathFunctions: readonly FunctionSpec[] = [
  define('#operator_+', 'f', ['left:number', 'right:number'], (_, a, b) =>
    arithmetic(
      a,
      b,
      (x, y) => x + y,
      (x, y) => x + y,
    ),
  ),
  define('#operator_-', 'f', ['left:number', 'right:number'], (_, a, b) =>
    arithmetic(
      a,
      b,
      (x, y) => x - y,
      (x, y) => x - y,
    ),
  ),
  define('#operator_*', 'f', ['left:number', 'right:number'], (_, a, b) =>
    arithmetic(
      a,
      b,
      (x, y) => x * y,
      (x, y) => x * y,
    ),
  ),
  define('#operator_/', 'f', ['left:number', 'right:number'], (_, a, b) => divide(a, b)),
  define('#operator_mod', 'f', ['left:number', 'right:number'], (_, a, b) => modulo(a, b)),
  define('#unary_operator_+', 'f', ['op:number'], (_, a) => a ?? null),
  define('#unary_operator_-', 'f', ['op:number'], (_, a) =>
    arithmetic(
      0,
      a,
      (x, y) => x - y,
      (x, y) => x - y,
    ),
  ),
  comparison('#operator_>', (order) => order > 0),
  comparison('#operator_>=', (order) => order >= 0),
  comparison('#operator_<', (order) => order < 0),
  comparison('#operator_<=', (order) => order <= 0),
  define('abs', 'f', ['op:number'], (_, a) =>
    isFloat(a) ? new Float(Math.abs(a.value)) : integer(big(a) < 0n ? -big(a) : big(a)),
  ),
  define('int', 'f', ['value:any'], (_, value) => toWhole(value)),
  define('float', 'f', ['value:any'], (_, value) => toReal(value)),
  bits('bitwiseAnd', (x, y) => x & y),
  bits('bitwiseOr', (x, y) => x | y),
  bits('bitwiseXor', (x, y) => x ^ y),
  bits('shiftBitsRight', (x, y) => x >> y),
  define('shiftBitsLeft', 'f', ['value:integer', 'bitsNumber:integer'], (_, value, count) => {
    if (whole(count) > 65_536)
      throw new TemplateError('MemoryQuotaExceededException', 'Expression consumed too much memory');
    return integer(big(value) << big(count));
  }),
  define('bitwiseNot', 'f', ['arg:integer'], (_, a) => integer(~big(a))),
  define('max', 'f', ['a:any', 'b:any'], ({ engine, context }, a = null, b = null) =>
    engine.invoke('#operator_>', [b, a], context) === true ? b : a,
  ),
  define('min', 'f', ['a:any', 'b:any'], ({ engine, context }, a = null, b = null) =>
    engine.invoke('#operator_>', [b, a], context) === true ? a : b,
  ),
  define('pow', 'f', ['a:number', 'b:number', 'c:number?=null'], (_, a, b, c) => power(a, b, c)),
  define('sign', 'f', ['num:number'], (_, a) => Math.sign(plain(a))),
  define('round', 'f', ['number:number', 'ndigits:integer=0'], (_, value, digits) => round(value, whole(digits))),
  define('random', 'f', [], ({ engine }) => new Float(engine.random())),
  define(
    'random',
    'f',
    ['from:integer', 'to:integer'],
    ({ engine }, from, to) => whole(from) + Math.floor(engine.random() * (whole(to) - whole(from) + 1)),
  ),
  define('isInteger', 'f', ['value:any'], (_, value) => isInteger(value)),
  define('isNumber', 'f', ['value:any'], (_, value) => numeric(value)),
];
