// Parameter values against their declarations.
import { describe, expect, it } from 'vitest';
import { answer } from '../testing/resolve.ts';

function parameter(declaration: { [key: string]: unknown }, value?: unknown): unknown {
  const result = answer({
    op: 'params',
    template: { heat_template_version: 'wallaby', parameters: { p: declaration } },
    params: value === undefined ? {} : { p: value },
  });
  const { parameters, error } = result;
  if (error !== undefined) return error;
  return parameters !== null && typeof parameters === 'object' && 'p' in parameters ? parameters.p : undefined;
}
const message = (text: string) => ({ message: text });

describe('parameters', () => {
  it('reads each type from a text', () => {
    expect(parameter({ type: 'number' }, '2.50')).toBe(2.5);
    expect(parameter({ type: 'boolean' }, 'on')).toBe(true);
    expect(parameter({ type: 'comma_delimited_list' }, 'a, b')).toEqual(['a', ' b']);
    expect(parameter({ type: 'json' }, '{"a": [1]}')).toEqual({ a: [1] });
  });

  it('asks for a value that is missing', () => {
    expect(parameter({ type: 'string' })).toMatchObject(message('The Parameter (p) was not provided.'));
  });

  it('matches a pattern to the very end', () => {
    const pattern = { type: 'string', constraints: [{ allowed_pattern: 'a|ab' }] };
    expect(parameter(pattern, 'a')).toBe('a');
    expect(parameter(pattern, 'ab')).toMatchObject(
      message(`Parameter 'p' is invalid: "ab" does not match pattern "a|ab"`),
    );
  });

  it('counts digits of every script as Python does', () => {
    expect(parameter({ type: 'string', constraints: [{ allowed_pattern: '\\d+' }] }, '٣')).toBe('٣');
  });

  it('says its own words where a constraint has a description', () => {
    expect(
      parameter({ type: 'number', constraints: [{ range: { max: 5 }, description: 'too many' }] }, 6),
    ).toMatchObject(message("Parameter 'p' is invalid: too many"));
  });

  it('checks a step with an offset, below zero too', () => {
    const odd = { type: 'number', constraints: [{ modulo: { step: 2, offset: 1 } }] };
    expect(parameter(odd, -3)).toBe(-3);
    expect(parameter(odd, 4)).toMatchObject(
      message("Parameter 'p' is invalid: 4 is not a multiple of 2 with an offset of 1"),
    );
  });

  it('checks addresses and names without any service', () => {
    const kind = (name: string) => ({ type: 'string', constraints: [{ custom_constraint: name }] });
    expect(parameter(kind('net_cidr'), '10.0.0.1/24')).toBe('10.0.0.1/24');
    expect(parameter(kind('net_cidr'), '10.0.0.0')).toMatchObject(
      message(
        "Parameter 'p' is invalid: Error validating value '10.0.0.0': '10.0.0.0' isn't a recognized IP subnet cidr, '10.0.0.0/32' is recommended",
      ),
    );
    expect(parameter(kind('no_such'), 'x')).toMatchObject(
      message(`Parameter 'p' is invalid: "x" does not validate no_such (constraint not found)`),
    );
  });

  it('shows the mistake in a pattern', () => {
    expect(parameter({ type: 'string', constraints: [{ allowed_pattern: '(' }] }, 'x')).toMatchObject({
      type: 'error',
      message: 'missing ), unterminated subpattern at position 0',
    });
  });
});
