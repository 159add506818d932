// Checks of one resource: calls, policies, properties and the stack inside it.
import { validateCalls } from '../definition.ts';
import {
  type TemplateError as Fault,
  TemplateError,
  typeUnavailable,
  validationFailed,
  validationOf,
} from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { GroupChild } from '../expand/group.ts';
import { TemplateChild } from '../expand/template-resource.ts';
import { resolve } from '../fn/fn.ts';
import { propertySchemata } from '../graph.ts';
import { entries, Properties } from '../property/properties.ts';
import type { ResourceNode, StackScope } from '../stack.ts';
import { isDict, str } from '../value/index.ts';
import { validateFacade } from './facade.ts';
import { type Depth, validateStack } from './stack.ts';
import { ruleSubject } from './subject.ts';

const sectionKeys = {
  Properties: 'properties',
  Metadata: 'metadata',
  DependsOn: 'dependsOn',
  DeletionPolicy: 'deletionPolicy',
  UpdatePolicy: 'updatePolicy',
} as const;
const isSection = (name: string): name is keyof typeof sectionKeys => Object.hasOwn(sectionKeys, name);

/** The name a section has in the template's own dialect. */
export function sectionName(stack: StackScope, name: string): string {
  return isSection(name) ? stack.template.language.keys[sectionKeys[name]] : name;
}

function inTemplateTerms(stack: StackScope, node: ResourceNode, cause: Fault): Fault {
  const [first, ...rest] = cause.path;
  const path = [
    stack.template.language.keys.resources,
    node.definition.name,
    ...(first === undefined ? [] : [sectionName(stack, first), ...rest]),
  ];
  return validationFailed(cause.reason, { error: cause.error, path, cause });
}

/** Checks what can be checked without any service. @throws TemplateError StackValidationFailed with the path to the fault */
export function validateTemplatePart(
  stack: StackScope,
  node: ResourceNode,
  evaluation: Evaluation,
  withValues: boolean,
): void {
  if (node.kind === 'none') return;
  const { definition } = node;
  const child = node.kind === 'template' ? stack.child(definition.name) : undefined;
  if (child instanceof TemplateChild && child.missing)
    throw validationFailed(child.missing.message, { cause: child.missing });
  const customs = stack.options.context.customs;
  const missing = stack.options.context.unavailable(node.type);
  if (missing) throw typeUnavailable(definition.type, missing.service, missing.reason);
  try {
    validateCalls(definition, evaluation);
    if (
      definition.deletionPolicy === 'Snapshot' &&
      !node.schema?.data.snapshots &&
      (node.schema || !stack.options.context.anyType)
    ) {
      throw validationFailed('"Snapshot" deletion policy not supported', { path: ['DeletionPolicy'] });
    }
    if (node.schema || node.kind === 'template') {
      const policy = entries(definition.updatePolicy ?? new Map(), evaluation);
      new Properties(node.schema?.updatePolicy ?? new Map(), policy, evaluation, customs).validate(
        'UpdatePolicy',
        true,
      );
    }
    const schemata = propertySchemata(stack, node, evaluation);
    if (schemata)
      new Properties(schemata, entries(definition.properties ?? new Map(), evaluation), evaluation, customs).validate(
        'Properties',
        withValues,
      );
  } catch (cause) {
    if (cause instanceof TemplateError && cause.type === 'StackValidationFailed')
      throw inTemplateTerms(stack, node, cause);
    throw cause;
  }
}

/** Checks a resource and, where the depth asks for it, the stack inside it. @throws TemplateError */
export function validateResource(stack: StackScope, node: ResourceNode, evaluation: Evaluation, depth: Depth): void {
  const { library } = stack.options.context.types;
  const rules = node.schema && library.rules?.(node.type);
  const subject = rules && ruleSubject(stack, node, evaluation);
  if (subject) rules.before?.(subject);
  validateTemplatePart(stack, node, evaluation, depth.values);
  if (node.kind === 'none') return;
  const child = stack.child(node.definition.name);
  if (!child) {
    if (subject) rules.after?.(subject);
    return;
  }
  if (stack.options.depth === 0 || !depth.values) validateInside(stack, node, evaluation);
  if (child instanceof TemplateChild) validateFacade(stack, node, child);
  if (subject) rules.after?.(subject);
}

function validateInside(stack: StackScope, node: ResourceNode, evaluation: Evaluation): void {
  const { definition } = node;
  const child = stack.child(definition.name);
  if (!child) return;
  const sample = child instanceof GroupChild ? child.sample(evaluation) : child.state;
  if (sample === undefined) return;
  if (child instanceof GroupChild && node.kind === 'chain') checkTypes(stack, node, evaluation);
  const label = node.kind === 'template' ? node.type : 'nested_stack';
  const path = [stack.template.language.keys.resources, `${definition.name}<${label}>`];
  try {
    if (sample.kind === 'fault') throw sample.cause;
    if (sample.kind === 'deferred') throw sample.waitsFor;
    if (node.kind === 'group' || node.kind === 'deployments') firstType(sample.scope);
    validateStack(sample.scope, evaluation, { values: false, templateOnly: false });
  } catch (cause) {
    if (cause instanceof UnknownType) throw cause.fault;
    if (cause instanceof TemplateError && cause.type !== 'AssertionError') throw validationOf(cause, path);
    throw cause;
  }
}

/** The type of a group's members does not exist: reported for the group itself. */
class UnknownType extends Error {
  readonly fault: TemplateError;
  constructor(fault: TemplateError) {
    super(fault.message, { cause: fault });
    this.fault = fault;
  }
}

function firstType(scope: StackScope): void {
  for (const name of scope.definitions.keys()) {
    try {
      scope.node(name);
    } catch (cause) {
      if (cause instanceof TemplateError) throw new UnknownType(cause);
      throw cause;
    }
    return;
  }
}

function checkTypes(stack: StackScope, node: ResourceNode, evaluation: Evaluation): void {
  const list = resolve(
    entries(node.definition.properties ?? new Map(), evaluation).get('resources') ?? null,
    evaluation,
  );
  if (!Array.isArray(list) || stack.options.context.anyType) return;
  for (const type of list) {
    if (isDict(type) || Array.isArray(type)) continue;
    try {
      stack.options.environment.registry.find(str(type));
    } catch (cause) {
      if (cause instanceof TemplateError && cause.type === 'EntityNotFound')
        throw validationFailed(cause.message, { cause });
      throw cause;
    }
  }
}
