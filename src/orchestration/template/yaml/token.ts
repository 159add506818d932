// The tokens of YAML.

export type TokenType =
  | 'streamEnd'
  | 'directive'
  | 'documentStart'
  | 'documentEnd'
  | 'blockSequence'
  | 'blockMapping'
  | 'blockEnd'
  | '['
  | ']'
  | '{'
  | '}'
  | '?'
  | ':'
  | '-'
  | ','
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

export interface Token {
  readonly type: TokenType;
  readonly start: number;
  readonly end: number;
  /** Text of a scalar, name of an anchor, tag with its handle resolved later. */
  readonly value: string;
  /** Scalars without quotes mean what they look like. */
  readonly plain: boolean;
  /** Handle of a tag (`!`, `!!`, `!name!`), undefined for a verbatim one. */
  readonly handle: string | undefined;
}

const names: Partial<Record<TokenType, string>> = {
  streamEnd: '<stream end>',
  directive: '<directive>',
  documentStart: '<document start>',
  documentEnd: '<document end>',
  blockSequence: '<block sequence start>',
  blockMapping: '<block mapping start>',
  blockEnd: '<block end>',
  alias: '<alias>',
  anchor: '<anchor>',
  tag: '<tag>',
  scalar: '<scalar>',
};

/** What error texts call a token. */
export const tokenName = (token: Token): string => names[token.type] ?? token.type;
