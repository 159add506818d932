// Takes user data apart: a script, or a MIME message of several parts as Heat sends.

export type UserDataPart =
  | { readonly kind: 'script'; readonly content: string }
  | { readonly kind: 'cfn-init-data'; readonly content: string }
  | { readonly kind: 'other'; readonly type: string };

/** The parts in order; empty ones are left out. */
export function userDataParts(text: string): readonly UserDataPart[] {
  const { headers, body } = splitHeaders(text);
  const boundary = /boundary="?([^";\s]+)"?/i.exec(headers.get('content-type') ?? '')?.[1];
  if (boundary === undefined) return part(text, 'text/plain', undefined);
  const pieces = body.split(
    new RegExp(`^--${boundary.replace(/[.*+?^$()[\]{}|\\]/g, '\\$&')}(?:--)?[ \\t]*\\r?$`, 'm'),
  );
  // Before the first boundary stands a preamble, behind the last an epilogue.
  return pieces.slice(1, -1).flatMap((piece) => {
    const inner = splitHeaders(piece.replace(/^\r?\n/, ''));
    const type = inner.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? 'text/plain';
    const name = /filename="?([^";]+)"?/i.exec(inner.headers.get('content-disposition') ?? '')?.[1];
    const encoded = inner.headers.get('content-transfer-encoding')?.toLowerCase() === 'base64';
    return part(encoded ? Buffer.from(inner.body, 'base64').toString() : inner.body, type, name);
  });
}

function part(content: string, type: string, name: string | undefined): readonly UserDataPart[] {
  if (content.trim() === '') return [];
  if (type === 'text/x-cfninitdata' && name === 'cfn-init-data') return [{ kind: 'cfn-init-data', content }];
  if (content.startsWith('#!')) return [{ kind: 'script', content }];
  return [{ kind: 'other', type: content.startsWith('#cloud-config') ? 'text/cloud-config' : type }];
}

/** RFC 5322 headers, folded lines joined, names in lower case. */
function splitHeaders(text: string): { readonly headers: ReadonlyMap<string, string>; readonly body: string } {
  const end = /\r?\n\r?\n/.exec(text);
  const head = end ? text.slice(0, end.index) : '';
  const lines = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const pairs = lines.map((line) => /^([\w-]+):\s*(.*)$/.exec(line));
  if (!end || pairs.some((pair) => pair === null)) return { headers: new Map(), body: text };
  const headers = new Map(pairs.map((pair) => [pair?.[1]?.toLowerCase() ?? '', pair?.[2] ?? ''] as const));
  return { headers, body: text.slice(end.index + end[0].length) };
}
