// Fake hardware that tells what is asked of it.
import { createFakeHardware, type DriverStep, type HardwareDriver } from '../../hardware/index.ts';

/** `effects` receives changes of power and calls of steps, in order. `change` makes the driver's steps others. */
export function watchedFake(
  effects: string[],
  change: (step: DriverStep) => DriverStep = (step) => step,
  beforeStep: (name: string) => void = () => undefined,
): HardwareDriver {
  const base = createFakeHardware();
  return {
    ...base,
    steps: base.steps.map(change),
    machine(info) {
      const machine = base.machine(info);
      return {
        ...machine,
        power: {
          ...machine.power,
          async change(action, options) {
            effects.push(action);
            return machine.power.change(action, options);
          },
        },
        steps: {
          async run(request) {
            beforeStep(`${request.interface}.${request.step}`);
            const outcome = await machine.steps.run(request);
            effects.push(`${request.interface}.${request.step} ${outcome.state}`);
            return outcome;
          },
        },
      };
    },
  };
}
