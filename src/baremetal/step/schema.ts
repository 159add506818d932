// How a step is written in a request.
import { type TProperties, Type } from '@sinclair/typebox';
import { ownSteps, stepInterfaces } from './step.ts';

const args = Type.Optional(Type.Record(Type.String(), Type.Unknown()));
const anyInterface = Type.Union(stepInterfaces.map((name) => Type.Literal(name)));

/** `place`: what says where it stands among the others, where the order given does not. */
export function stepSchema<Place extends TProperties>(place: Place) {
  const own = Type.Union(Object.keys(ownSteps).map((name) => Type.Literal(name)));
  return Type.Union([
    Type.Object(
      { interface: anyInterface, step: Type.String({ minLength: 1 }), args, ...place },
      { additionalProperties: false },
    ),
    Type.Object({ interface: Type.Optional(anyInterface), step: own, args, ...place }, { additionalProperties: false }),
  ]);
}
