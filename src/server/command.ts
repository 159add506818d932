// The `up` command: its flags.
import type { Command } from 'commander';

/** Adds `undercloud up`; the server itself is loaded when it runs. */
export function registerUpCommand(program: Command): void {
  program
    .command('up')
    .description('Run the undercloud: database, APIs, workers')
    .option('--data <dir>', 'folder for everything it writes (default: /var/lib/undercloud as root)')
    .option('--listen <host:port>', 'where the APIs answer (default: 127.0.0.1:8000)')
    .option('--auth <mode>', 'password, or none (loopback only; every caller is trusted)')
    .option('--provision <interface>', 'serve machines on this interface: DHCP, TFTP, boot files, images')
    .option('--config <file>', 'configuration in YAML; flags and UNDERCLOUD_* variables win over it')
    .option('--log <level>', 'debug, info, warn or error')
    .action(
      async (options: {
        data?: string;
        listen?: string;
        auth?: string;
        provision?: string;
        config?: string;
        log?: string;
      }) => {
        const { up } = await import('./up.ts');
        await up({
          ...(options.config === undefined ? {} : { configFile: options.config }),
          flags: {
            data: options.data,
            listen: options.listen,
            auth: options.auth,
            log: options.log,
            ...(options.provision === undefined ? {} : { provision: { interface: options.provision } }),
          },
          print: (line) => process.stdout.write(`${line}\n`),
        });
        // What a lost database keeps from ending would keep the process too.
        process.exit();
      },
    );
}
