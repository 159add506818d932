// Numbers as people read them.

/** `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

export function ago(then: string | Date, now = Date.now()): string {
  return `${duration((now - new Date(then).getTime()) / 1000)} ago`;
}

/** Powers of 1,000: `4.2 MB`. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Line breaks and other control characters as blanks: text from a machine must not steer the terminal. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

/** What went wrong and what to do about it, as sentences. */
export function failureText({ cause, hint }: { readonly cause: string; readonly hint: string }): string {
  return hint === '' ? cause : `${cause}${/[.!?]$/.test(cause) ? '' : '.'} ${hint}`;
}
