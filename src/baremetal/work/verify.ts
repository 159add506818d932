// node.verify and node.adopt: proves that the machine can be reached with the credentials given.
import type { HardwareDriver } from '../../hardware/index.ts';
import { type Json, type OperationContext, OperationFailed } from '../../operations/index.ts';
import type { Parts } from '../parts.ts';
import type { NodeUpdate } from '../store.ts';
import { textInput } from './input.ts';
import { driverInfoOf, nodeWork, operationError } from './node-work.ts';

export function verifyNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    return context.step(
      'verify',
      async () => {
        const node = await work.take();
        validate(parts, node.driver, driverInfoOf(parts, node));
        if (parts.config.verifyBmcClock && hasClock(parts.hardware.get(node.driver))) {
          await work.effect('set the clock of the BMC', ({ controller }) => controller.setClock(new Date()));
        }
        return work.look(async ({ power, management }) => ({
          power_state: await power.state(),
          boot_mode: await management.bootMode(),
        }));
      },
      { reason: 'trying the credentials' },
    );
  };
}

/** What was found, as columns of the node; a BMC that does not tell the boot mode leaves the one that is known. */
export function verified(found: Json): NodeUpdate {
  const mode = Reflect.get(Object(found), 'boot_mode');
  return {
    power_state: textInput(found, 'power_state'),
    ...(typeof mode === 'string' ? { boot_mode: mode } : {}),
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
