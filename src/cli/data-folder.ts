// Where a server of this machine keeps its files, for commands that need one of them.

/** `--data`, UNDERCLOUD_DATA, else /var/lib/undercloud for root and the XDG data folder for others. */
export function dataFolder(flag: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const given = flag ?? env.UNDERCLOUD_DATA;
  if (given) return given;
  return process.getuid?.() === 0
    ? '/var/lib/undercloud'
    : `${env.XDG_DATA_HOME ?? `${env.HOME ?? '/tmp'}/.local/share`}/undercloud`;
}
