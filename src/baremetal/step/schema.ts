// How a step is written in a request.
import { type TProperties, Type } from '@sinclair/typebox';
import { ownSteps, stepInterfaces } from './step.ts';

const args = Type.Optional(Type.Record(Type.String(), Type.Unknown()));
const anyInterface = Type.Union(stepInterfaces.map((name) => Type.Literal(name)));

/** For clean and service steps: they run on the nodes within the node instead, all of them or those named. */
export const onChildNodes = {
  execute_on_child_nodes: Type.Optional(Type.Boolean()),
  limit_child_node_execution: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
};

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
