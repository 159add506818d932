// Shell-style patterns (`*`, `?`, `[...]`) as per-resource entries of an environment use them.

const compiled = (pattern: string): RegExp => {
  let source = '';
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern.charAt(index);
    if (char === '*') source += '[\\s\\S]*';
    else if (char === '?') source += '[\\s\\S]';
    else if (char === '[') {
      const start = pattern.charAt(index + 1) === '!' ? index + 2 : index + 1;
      const end = pattern.indexOf(']', start + 1);
      if (end < 0) source += '\\[';
      else {
        source += `[${start > index + 1 ? '^' : ''}${pattern.slice(start, end).replaceAll('\\', '\\\\').replace(/^\^/, '\\^').replaceAll('[', '\\[').replace(/^\]/, '\\]')}]`;
        index = end;
      }
    } else source += char.replace(/[.+^${}()|\\\]]/, '\\$&');
  }
  return new RegExp(`^${source}$`);
};

/** Whether a name matches a pattern, letter case counting. */
export function matchesGlob(name: string, pattern: string): boolean {
  if (!/[*?[]/.test(pattern)) return name === pattern;
  return compiled(pattern).test(name);
}
