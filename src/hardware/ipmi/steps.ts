// The steps of an IPMI machine: raw commands to its BMC, and the restart of that.
import { Type } from '@sinclair/typebox';
import type { DriverStep } from '../capabilities.ts';
import { HardwareError } from '../contract.ts';
import { restartBmc } from '../restart-bmc.ts';
import { type TableStep, tableStep } from '../step-table.ts';
import type { Ipmitool } from './ipmitool.ts';

const closed = { additionalProperties: false };
const offered = {
  interface: 'vendor',
  kinds: ['clean', 'deploy', 'service'],
  priority: 0,
  abortable: false,
  requiresRamdisk: false,
} as const;

const byte = '(0[xX][0-9a-fA-F]{1,2}|1?\\d{1,2}|2[0-4]\\d|25[0-5])';

export const ipmiSteps: readonly TableStep<Ipmitool>[] = [
  tableStep(
    // Nobody knows what a command does that came twice.
    { ...offered, step: 'send_raw', whenCutOff: 'look' },
    Type.Object(
      {
        raw_bytes: Type.String({
          description: 'Bytes to send: network function, command, data, such as "0x06 0x01".',
          pattern: `^${byte}( +${byte})+$`,
        }),
      },
      closed,
    ),
    async (ipmitool, { raw_bytes: bytes }, { again }) => {
      if (again)
        throw new HardwareError(
          'refused',
          'The server stopped while it sent the bytes, and the BMC does not tell whether it has heard them.',
          { hint: 'Find out from the machine, then ask for the steps that are missing.' },
        );
      await ipmitool('raw', ...bytes.split(/ +/));
      return { state: 'done' };
    },
  ),
  tableStep(
    { ...offered, step: 'bmc_reset', whenCutOff: 'repeat' },
    Type.Object(
      { warm: Type.Optional(Type.Boolean({ description: 'Whether it restarts without a cold start. Default true.' })) },
      closed,
    ),
    (ipmitool, { warm = true }, { memory }) =>
      restartBmc(
        { reset: () => ipmitool('mc', 'reset', warm ? 'warm' : 'cold'), look: () => ipmitool('mc', 'info') },
        memory,
      ),
  ),
];

/** What the driver offers, for its description. */
export const ipmiStepsOffered: readonly DriverStep[] = ipmiSteps.map(({ description }) => description);
