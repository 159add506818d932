// Decides whether the access rules of an application credential let a request through.
import type { AccessRule } from './token/context.ts';

/** What is asked of a service: its type, the method and the path below the service. */
export interface AskedRequest {
  readonly service: string;
  readonly servicePath: string;
  readonly method: string;
  readonly path: string;
}

/**
 * `*` stands for one path segment, `**` for any rest, `{name}` for one segment (Identity API, "Access rules"). A rule may
 * name the path with or without the prefix that the service is mounted under.
 */
export function allowedByRules(rules: readonly AccessRule[], asked: AskedRequest): boolean {
  return rules.some((rule) => {
    if (rule.service !== asked.service || rule.method.toUpperCase() !== asked.method.toUpperCase()) return false;
    const pattern = toPattern(rule.path);
    return pattern.test(asked.path) || pattern.test(`${asked.servicePath}${asked.path}`);
  });
}

function toPattern(path: string): RegExp {
  const source = path
    .split(/(\*\*|\*|\{[^/}]*\})/)
    .map((piece) => {
      if (piece === '**') return '.*';
      if (piece === '*' || piece.startsWith('{')) return '[^/]+';
      return piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${source}$`);
}
