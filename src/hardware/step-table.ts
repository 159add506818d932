// A driver's steps as a table: what each is, its arguments and what it does.
import type { Static, TObject } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { DriverStep, StepOutcome, StepRequest, Steps } from './capabilities.ts';
import { HardwareError } from './contract.ts';

export interface TableStep<Parts> {
  readonly description: DriverStep;
  run(parts: Parts, request: StepRequest): Promise<StepOutcome>;
}

/** A step that runs with arguments of its schema alone; with others it throws `misconfigured`. */
export function tableStep<Parts, Args extends TObject>(
  about: Omit<DriverStep, 'args'>,
  args: Args,
  run: (parts: Parts, args: Static<Args>, request: StepRequest) => Promise<StepOutcome>,
): TableStep<Parts> {
  return {
    description: { ...about, args },
    run(parts, request) {
      const given: unknown = request.args;
      if (Value.Check(args, given)) return run(parts, given, request);
      const [first] = [...Value.Errors(args, given)];
      throw new HardwareError(
        'misconfigured',
        `Step ${about.interface}.${about.step} cannot run: ${first ? `${first.path.slice(1) || 'its arguments'}: ${first.message}` : 'its arguments are wrong'}.`,
        { hint: 'Correct the arguments of the step.' },
      );
    },
  };
}

/** Runs the steps of the table on one machine; others throw `unsupported` with what there is. */
export function runsSteps<Parts>(driver: string, table: readonly TableStep<Parts>[], parts: Parts): Steps {
  return {
    async run(request) {
      const found = table.find(
        ({ description }) => description.interface === request.interface && description.step === request.step,
      );
      if (found) return found.run(parts, request);
      throw new HardwareError(
        'unsupported',
        `The ${driver} driver offers no step ${request.interface}.${request.step}, only ${table.map(({ description }) => `${description.interface}.${description.step}`).join(', ')}.`,
      );
    },
  };
}
