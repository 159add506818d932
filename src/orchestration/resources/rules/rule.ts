// The forms most rules between properties have.
import { type Plain, type RuleSubject, TemplateError } from '../../template/index.ts';

export type Rule = (subject: RuleSubject) => void;
type PlainMap = { readonly [key: string]: Plain };

/** Whether a value counts as given where nothing, zero and emptiness count as not given. */
export function truthy(value: Plain): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== null && typeof value === 'object' ? Object.keys(value).length > 0 : Boolean(value);
}
export const isMap = (value: Plain | undefined): value is PlainMap =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
/** The maps in a list property. */
export const maps = (value: Plain): PlainMap[] => (Array.isArray(value) ? value.filter(isMap) : []);

export const refused = (message: string) => new TemplateError('StackValidationFailed', message);
export const conflict = (...names: string[]) =>
  new TemplateError(
    'ResourcePropertyConflict',
    `Cannot define the following properties at the same time: ${names.join(', ')}.`,
  );
export const unspecified = (...names: string[]) =>
  new TemplateError(
    'PropertyUnspecifiedError',
    `At least one of the following properties must be specified: ${names.join(', ')}.`,
  );
export const onlyFor = (name: string, other: string, value: string) =>
  new TemplateError(
    'ResourcePropertyValueDependency',
    `${name} property should only be specified for ${other} with value ${value}.`,
  );

export const all =
  (...rules: readonly Rule[]): Rule =>
  (subject) => {
    for (const rule of rules) rule(subject);
  };

/** One of the properties has to be there. */
export const atLeastOne =
  (...names: string[]): Rule =>
  ({ property }) => {
    if (names.every((name) => property(name) === null)) throw unspecified(...names);
  };

/** Two properties exclude each other; `counts` says when one is there. */
export const notBoth =
  (a: string, b: string, counts: (value: Plain) => boolean = (value) => value !== null): Rule =>
  ({ property }) => {
    if (counts(property(a)) && counts(property(b))) throw conflict(a, b);
  };

/** Something besides the project has to be given; the error lists these names. */
export const quota =
  (...names: string[]): Rule =>
  ({ property, names: known }) => {
    if (known.filter((name) => property(name) !== null).length <= 1) throw unspecified(...names);
  };
