// Runs a table of stock `openstack` commands against one service beside a real identity, one test a command.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../database/index.ts';
import { testDatabase } from '../../database/testing/index.ts';
import type { Api } from '../../openstack/index.ts';
import { adminVariables, hasOpenstackCommand, runOpenstack } from '../../openstack/testing/client.ts';
import { serve } from '../../openstack/testing/index.ts';
import { adminPassword, testIdentity } from './index.ts';

/** Command and what its output must hold. */
export type Commands = readonly (readonly [command: string, expected: RegExp])[];

/** Declares the tests; they are carried out in their order by one client. `open` makes the service. */
export function testCommands(
  { type, name, open }: { type: string; name: string; open: (database: Database) => Api },
  commands: Commands,
): void {
  describe.skipIf(!hasOpenstackCommand())('the openstack command (python3-openstackclient)', () => {
    const closers: (() => Promise<void>)[] = [];
    let answers: readonly string[] = [];

    beforeAll(async () => {
      const cloud = await testIdentity();
      const { database, drop } = await testDatabase();
      const http = await serve(open(database), { authenticate: cloud.identity.authenticate });
      closers.push(cloud.drop, http.close, drop);
      await cloud.identity.bootstrap({
        adminPassword,
        region: 'RegionOne',
        endpoints: [
          { type: 'identity', name: 'keystone', url: cloud.http.url },
          { type, name, url: http.url },
        ],
      });
      answers = await runOpenstack(
        adminVariables(cloud.http.url, adminPassword),
        commands.map(([command]) => command),
      );
    }, 120_000);
    afterAll(async () => {
      for (const close of closers) await close();
    });

    test.each(commands.map(([command, expected], index) => ({ command, expected, index })))(
      '$command',
      ({ expected, index }) => {
        expect(answers[index]).toMatch(expected);
      },
    );
  });
}
