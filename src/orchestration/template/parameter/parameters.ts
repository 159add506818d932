// All parameters of one stack, with the pseudo parameters of its dialect.
import { unknownParameter } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import type { Dict, Value } from '../value/index.ts';
import type { CustomConstraints } from './constraints.ts';
import { type Given, Parameter } from './parameter.ts';
import type { ParameterDialect, ParameterSchema } from './schema.ts';

/** What the pseudo parameters tell of a stack. */
export interface StackIdentity {
  readonly name: string;
  /** Heat's identifier: the id for HOT's OS::stack_id. */
  readonly id: string;
  readonly arn: string;
  readonly project: string;
}

const region = 'ap-southeast-1';

function pseudoValues(dialect: ParameterDialect, identity: StackIdentity | undefined): [string, string][] {
  if (dialect.hot) {
    return [
      ['OS::stack_id', identity?.id ?? ''],
      ['OS::project_id', identity?.project ?? ''],
      ...(identity?.name ? [['OS::stack_name', identity.name] as [string, string]] : []),
    ];
  }
  return [
    ['AWS::StackId', identity?.arn ?? 'None'],
    ...(identity?.name
      ? ([
          ['AWS::StackName', identity.name],
          ['AWS::Region', region],
        ] as [string, string][])
      : []),
  ];
}

export class Parameters {
  /** Those the template declares, in order. */
  readonly declared: ReadonlyMap<string, Parameter>;
  private readonly pseudo: ReadonlyMap<string, string>;
  private readonly givenNames: readonly string[];

  constructor(
    schemata: ReadonlyMap<string, ParameterSchema>,
    dialect: ParameterDialect,
    identity: StackIdentity | undefined,
    given: ReadonlyMap<string, Given>,
    defaults: Dict,
  ) {
    this.declared = new Map(
      [...schemata].map(([name, schema]) => [
        name,
        new Parameter(name, schema, given.get(name), defaults.get(name) ?? null),
      ]),
    );
    this.pseudo = new Map(pseudoValues(dialect, identity));
    this.givenNames = [...given.keys()];
  }

  has(name: string): boolean {
    return this.declared.has(name) || this.pseudo.has(name);
  }

  names(): string[] {
    return [...this.pseudo.keys(), ...this.declared.keys()];
  }

  value(name: string, evaluation: Evaluation): Value {
    const parameter = this.declared.get(name);
    return parameter ? parameter.value(evaluation) : (this.pseudo.get(name) ?? null);
  }

  /** @throws TemplateError UnknownUserParameter, or what the first parameter at fault says */
  validate(evaluation: Evaluation, withValues: boolean, customs: CustomConstraints | undefined): void {
    for (const name of this.givenNames) if (!this.declared.has(name)) throw unknownParameter(name);
    for (const parameter of this.declared.values()) parameter.validate(evaluation, withValues, customs);
  }
}
