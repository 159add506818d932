// Writes Ironic's capabilities, which are one text: `boot_mode:uefi,raid:true`.

/** The text after `change`. */
export function withCapabilities(text: unknown, change: (known: Map<string, string>) => void): string {
  const known = new Map(
    (typeof text === 'string' ? text : '')
      .split(',')
      .filter((one) => one.includes(':'))
      .map((one) => [one.slice(0, one.indexOf(':')), one.slice(one.indexOf(':') + 1)]),
  );
  change(known);
  return [...known].map(([name, value]) => `${name}:${value}`).join(',');
}
