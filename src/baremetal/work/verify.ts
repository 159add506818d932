// node.verify and node.adopt: proves that the machine can be reached with the credentials given.
import type { HardwareDriver } from '../../hardware/index.ts';
import { type Json, type OperationContext, OperationFailed } from '../../operations/index.ts';
import type { Parts } from '../parts.ts';
import { textInput } from './input.ts';
import { driverInfoOf, nodeWork, operationError } from './node-work.ts';

export function verifyNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    const state = await context.step(
      'verify',
      async () => {
        const node = await work.take();
        validate(parts, node.driver, driverInfoOf(parts, node));
        if (parts.config.verifyBmcClock && hasClock(parts.hardware.get(node.driver))) {
          await work.effect('set the clock of the BMC', ({ controller }) => controller.setClock(new Date()));
        }
        const found = await work.look(async ({ power, management }) => ({
          power: await power.state(),
          bootMode: await management.bootMode(),
        }));
        await work.change({
          power_state: found.power,
          ...(found.bootMode === null ? {} : { boot_mode: found.bootMode }),
        });
        return found.power;
      },
      { reason: 'trying the credentials' },
    );
    return { power_state: state };
  };
}

function hasClock(driver: HardwareDriver | undefined): boolean {
  return driver?.steps.some(({ step }) => step === 'set_bmc_clock') === true;
}

function validate(parts: Parts, name: string, info: Readonly<Record<string, unknown>>): void {
  const driver = parts.hardware.get(name);
  if (!driver) throw new OperationFailed(`Hardware type ${name} is not enabled.`, 'Give the node another driver.');
  try {
    driver.validate(info);
  } catch (error) {
    throw operationError(error);
  }
}
