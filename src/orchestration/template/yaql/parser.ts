// Parses YAQL by precedence climbing.
import { str } from '../value/index.ts';
import { type Argument, type Expression, YaqlSyntaxError } from './expression.ts';
import { Lexer, type Token } from './lexer.ts';

/** Binding power of binary operators; the higher binds closer. */
const binary: Readonly<Record<string, number>> = {
  '.': 22,
  '?.': 22,
  '[': 20,
  '=~': 16,
  '!~': 16,
  '*': 14,
  '/': 14,
  mod: 14,
  '+': 12,
  '-': 12,
  '>': 10,
  '<': 10,
  '>=': 10,
  '<=': 10,
  '!=': 10,
  '=': 10,
  in: 10,
  and: 6,
  or: 4,
  '->': 2,
};
const prefix: Readonly<Record<string, number>> = { '+': 18, '-': 18, not: 8 };
const names: Readonly<Record<string, string>> = { '=': '*equal', '!=': '*not_equal' };
const maxDepth = 300;

class Parser {
  private readonly text: string;
  private readonly lexer: Lexer;
  private token: Token;
  private depth = 0;
  constructor(text: string) {
    this.text = text;
    this.lexer = new Lexer(text);
    this.token = this.lexer.next();
  }

  statement(): Expression {
    const expression = this.value(0);
    if (this.token.type !== 'end') throw this.unexpected();
    return expression;
  }

  private unexpected(): YaqlSyntaxError {
    const { type, text, value, position } = this.token;
    if (type === 'end') return new YaqlSyntaxError('Parse error: unexpected end of statement');
    const shown = type === 'constant' || type === 'keyword' || type === 'function' ? str(value) : text;
    return new YaqlSyntaxError(
      `Parse error: unexpected '${shown}' at position ${position} of expression '${this.text}'`,
    );
  }

  private advance(): Token {
    const { token } = this;
    this.token = this.lexer.next();
    return token;
  }

  private is(symbol: string): boolean {
    return this.token.type === 'operator' && this.token.text === symbol;
  }

  private expect(symbol: string): void {
    if (!this.is(symbol)) throw this.unexpected();
    this.advance();
  }

  private value(power: number): Expression {
    if (++this.depth > maxDepth) throw new YaqlSyntaxError('Parse error: the expression is nested too deeply');
    let left = this.primary();
    for (;;) {
      const operator = this.token.type === 'operator' ? this.token.text : '';
      const binds = binary[operator];
      if (binds === undefined || binds < power) break;
      this.advance();
      if (operator === '[') {
        const args = this.args(']');
        left = { kind: 'call', name: '#indexer', args: [left, ...args], method: false };
      } else {
        const right = this.value(operator === '->' ? binds : binds + 1);
        left = { kind: 'call', name: names[operator] ?? `#operator_${operator}`, args: [left, right], method: false };
      }
    }
    this.depth--;
    return left;
  }

  private primary(): Expression {
    const { token } = this;
    switch (token.type) {
      case 'constant':
        this.advance();
        return { kind: 'constant', value: token.value };
      case 'keyword':
        this.advance();
        return { kind: 'keyword', value: token.text };
      case 'variable':
        this.advance();
        return { kind: 'variable', name: token.text };
      case 'function':
        this.advance();
        return { kind: 'call', name: token.text, args: this.args(')'), method: true };
      case 'operator':
        return this.opened(token);
      default:
        throw this.unexpected();
    }
  }

  private opened(token: Token): Expression {
    const power = prefix[token.text];
    if (power !== undefined) {
      this.advance();
      return { kind: 'call', name: `#unary_operator_${token.text}`, args: [this.value(power)], method: false };
    }
    if (token.text === '(') {
      this.advance();
      const inner = this.value(0);
      this.expect(')');
      return { kind: 'group', inner };
    }
    if (token.text === '[') {
      this.advance();
      return { kind: 'call', name: '#list', args: this.args(']'), method: false };
    }
    if (token.text === '{') {
      this.advance();
      return { kind: 'call', name: '#map', args: this.args('}'), method: false };
    }
    throw this.unexpected();
  }

  /** Arguments up to a closing bracket: positional ones, some perhaps left out, then named ones. */
  private args(close: string): Argument[] {
    const args: Argument[] = [];
    if (this.is(close)) {
      this.advance();
      return args;
    }
    let named = false;
    for (;;) {
      if (this.is(',') && !named) {
        this.advance();
        args.push(null);
        if (this.is(close)) throw this.unexpected();
        continue;
      }
      const source = this.value(0);
      if (this.is('=>')) {
        this.advance();
        named = true;
        args.push({ kind: 'rule', source, destination: this.value(0) });
      } else if (named) throw this.unexpected();
      else args.push(source);
      if (this.is(close)) break;
      this.expect(',');
    }
    this.advance();
    return args;
  }
}

/**
 * Parses an expression.
 * @throws YaqlSyntaxError with the place of the fault
 */
export function parseYaql(text: string): Expression {
  return new Parser(text).statement();
}
