// Expands the inputs of a stack's generation into its graph, kept while they stay the same.
import type { Transaction } from '../../database/index.ts';
import { errors } from '../errors.ts';
import type { Graph, KnownValues, Plain } from '../graph/index.ts';
import {
  type CustomConstraints,
  expand,
  type ResourceTypeLibrary,
  readEnvironment,
  TemplateCache,
  type TreeInput,
} from '../template/index.ts';
import { contextOf } from '../template/tree.ts';
import { checkCreate, checkTemplate, type ValidateOptions } from '../template/validate/index.ts';
import { toPlain } from '../template/value/index.ts';
import type { StackInputs } from './inputs.ts';
import { type Connection, inputsOf, type StackRow } from './store.ts';

export interface GraphSource {
  /** The graph of given inputs. @throws TemplateError */
  expand(
    inputs: StackInputs,
    identity: { name: string; id: string; projectId: string },
    values?: KnownValues,
    customs?: CustomConstraints,
  ): Graph;
  /** Checks inputs as `stack create` does, properties included. @throws TemplateError */
  check(inputs: StackInputs, identity: { name: string; projectId: string }, customs: CustomConstraints): void;
  /** What `POST /validate` answers. @throws TemplateError */
  validate(inputs: StackInputs, customs: CustomConstraints, options: ValidateOptions): Plain;
  /** The graph of the generation a stack row names. */
  ofStack(connection: Connection | Transaction, root: StackRow, values: KnownValues): Promise<Graph>;
}

const kept = 50;

export function createGraphSource(types: ResourceTypeLibrary): GraphSource {
  /** Graphs without deferred stacks do not depend on values: one expansion serves every round of an apply. */
  const whole = new Map<string, Graph>();
  const templates = new TemplateCache();
  const source: GraphSource = {
    expand: (inputs, identity, values, customs) =>
      expand(
        toTreeInput(inputs),
        {
          types,
          templates,
          identity: {
            name: identity.name,
            id: identity.id,
            project: identity.projectId,
            arn: `arn:openstack:heat::${identity.projectId}:stacks/${identity.name}/${identity.id}`,
          },
          ...(customs ? { customs } : {}),
        },
        values,
      ),
    check: (inputs, { name, projectId }, customs) =>
      checkCreate(
        toTreeInput(inputs),
        contextOf({ types, templates, customs, identity: { name, id: 'None', project: projectId, arn: 'None' } }),
      ),
    validate: (inputs, customs, options) =>
      toPlain(checkTemplate(toTreeInput(inputs), contextOf({ types, templates, customs }), options)),
    async ofStack(connection, root, values) {
      const key = `${root.id}:${root.generation}`;
      const known = whole.get(key);
      if (known) return known;
      const inputs = await inputsOf(connection, root.id, root.generation);
      if (!inputs) throw errors.EntityNotFound('Stack', root.name);
      const graph = source.expand(inputs, { name: root.name, id: root.id, projectId: root.project_id }, values);
      if (![...graph.vertices.values()].some((vertex) => vertex.kind === 'deferred')) {
        whole.set(key, graph);
        const [oldest] = whole.keys();
        if (whole.size > kept && oldest !== undefined) whole.delete(oldest);
      }
      return graph;
    },
  };
  return source;
}

function toTreeInput(inputs: StackInputs): TreeInput {
  return {
    template: asPlain(inputs.template),
    environment:
      typeof inputs.environment === 'string' ? readEnvironment(inputs.environment) : asPlain(inputs.environment ?? {}),
    environmentFiles: inputs.environmentFiles,
    files: Object.fromEntries(
      Object.entries(inputs.files).map(([name, text]) => [
        name,
        typeof text === 'string' ? text : JSON.stringify(text),
      ]),
    ),
    parameters: asPlain(inputs.parameters),
  };
}

function asPlain(value: unknown): Plain {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  return JSON.parse(JSON.stringify(value ?? {}));
}
