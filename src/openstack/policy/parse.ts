// Parses an oslo.policy rule such as `role:admin and (system_scope:all or project_id:%(project_id)s)`.

export type PolicyCheck =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'role'; readonly name: string }
  /** `left` names a credential (or is a literal in quotes); `right` is a literal or `%(name)s`, a key of the target. */
  | { readonly kind: 'match'; readonly left: string; readonly right: string }
  | { readonly kind: 'not'; readonly check: PolicyCheck }
  | { readonly kind: 'and' | 'or'; readonly checks: readonly PolicyCheck[] };

/** A rule cannot be read; the message shows it and the place. */
export class PolicySyntaxError extends Error {
  override name = 'PolicySyntaxError';
}

const token = /\s*(\(|\)|'[^']*':%\([^)]+\)s|"[^"]*":%\([^)]+\)s|[^\s()]*%\([^)]+\)s|'[^']*':[^\s()]+|[^\s()]+)/y;

/** Reads one rule. The empty rule and `@` always pass, `!` never (oslo.policy, "Policy rule expressions"). */
export function parsePolicyRule(text: string): PolicyCheck {
  const words = tokens(text);
  if (words.length === 0) return { kind: 'always' };
  let at = 0;
  const peek = () => words[at]?.toLowerCase();

  function either(): PolicyCheck {
    const checks = [both()];
    while (peek() === 'or') {
      at++;
      checks.push(both());
    }
    return checks.length === 1 && checks[0] ? checks[0] : { kind: 'or', checks };
  }
  function both(): PolicyCheck {
    const checks = [single()];
    while (peek() === 'and') {
      at++;
      checks.push(single());
    }
    return checks.length === 1 && checks[0] ? checks[0] : { kind: 'and', checks };
  }
  function single(): PolicyCheck {
    const word = words[at++];
    if (word === undefined) throw new PolicySyntaxError(`policy rule ends too early: ${text}`);
    if (word.toLowerCase() === 'not') return { kind: 'not', check: single() };
    if (word === '(') {
      const inner = either();
      if (words[at++] !== ')') throw new PolicySyntaxError(`policy rule lacks a closing parenthesis: ${text}`);
      return inner;
    }
    return leaf(word, text);
  }

  const check = either();
  if (at < words.length)
    throw new PolicySyntaxError(`policy rule has "${words[at]}" where "and" or "or" should stand: ${text}`);
  return check;
}

function tokens(text: string): string[] {
  const found: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.trimEnd().length) {
    const match = token.exec(text);
    if (!match?.[1]) throw new PolicySyntaxError(`policy rule cannot be read: ${text}`);
    found.push(match[1]);
  }
  return found;
}

function leaf(word: string, text: string): PolicyCheck {
  if (word === '@') return { kind: 'always' };
  if (word === '!') return { kind: 'never' };
  const quoted = /^(?:'([^']*)'|"([^"]*)"):(.*)$/.exec(word);
  if (quoted) return { kind: 'match', left: `'${quoted[1] ?? quoted[2] ?? ''}'`, right: quoted[3] ?? '' };
  const colon = word.indexOf(':');
  if (colon < 1) throw new PolicySyntaxError(`policy rule has "${word}" where KIND:MATCH should stand: ${text}`);
  const kind = word.slice(0, colon);
  const name = word.slice(colon + 1);
  if (kind === 'rule') return { kind: 'rule', name };
  if (kind === 'role') return { kind: 'role', name: name.toLowerCase() };
  return { kind: 'match', left: kind, right: name };
}
