// Where the program keeps its files unless it is told otherwise: the one answer for the server and for every command.

/** UNDERCLOUD_DATA, else /var/lib/undercloud for root and the XDG data folder for others. */
export function defaultDataFolder(env: NodeJS.ProcessEnv): string {
  if (env.UNDERCLOUD_DATA) return env.UNDERCLOUD_DATA;
  return process.getuid?.() === 0
    ? '/var/lib/undercloud'
    : `${env.XDG_DATA_HOME ?? `${env.HOME ?? '/tmp'}/.local/share`}/undercloud`;
}
