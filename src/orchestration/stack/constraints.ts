// The custom constraints of templates that ask a service: does this image, flavor, network exist for the caller?
import type { Caller } from '../../openstack/index.ts';
import type { CustomConstraints } from '../template/index.ts';

/** Asks a service: null when the value is fine, else the fault in Heat's words. */
export type ConstraintQuestion = (value: string, caller: Caller) => Promise<string | null>;

/** By constraint name: `glance.image`, `nova.flavor`, ... Constraints that are not here hold. */
export type ConstraintQuestions = Readonly<Record<string, ConstraintQuestion>>;

/**
 * Answers every question a reading of the template asks, before the reading that counts: the template language is pure and
 * cannot wait. `read` is called once with constraints that all hold, to hear what is asked.
 */
export async function answerConstraints(
  questions: ConstraintQuestions,
  caller: Caller,
  read: (customs: CustomConstraints) => unknown,
): Promise<CustomConstraints> {
  const asked = new Map<string, { name: string; value: string }>();
  const listen: CustomConstraints = {
    check(name, value) {
      if (!(name in questions)) return undefined;
      if (typeof value === 'string') asked.set(`${name}\n${value}`, { name, value });
      return null;
    },
  };
  try {
    read(listen);
  } catch {
    // Whatever is wrong with the template is told by the reading that counts.
  }
  const answers = new Map<string, string | null>();
  await Promise.all(
    [...asked].map(async ([key, { name, value }]) =>
      answers.set(key, (await questions[name]?.(value, caller)) ?? null),
    ),
  );
  return {
    check(name, value) {
      if (!(name in questions)) return undefined;
      // Heat takes an empty value for one that is not given.
      return typeof value === 'string' && value !== '' ? (answers.get(`${name}\n${value}`) ?? null) : null;
    },
  };
}
