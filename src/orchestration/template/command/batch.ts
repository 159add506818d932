// `undercloud template batch`: one JSON job a line in, one JSON answer a line out.

import type { Context } from '../context.ts';
import { TemplateCache } from '../context.ts';
import { checkCycles } from '../cycle.ts';
import { checkImmutable, previewUpdate, type State } from '../diff/preview.ts';
import { Environment } from '../environment/environment.ts';
import { readEnvironment } from '../environment/format.ts';
import { TemplateError } from '../errors.ts';
import { Evaluation, type LiveValues, nothingKnown } from '../evaluation.ts';
import type { ResourceTypeLibrary } from '../resource-type.ts';
import { defaultLimits, type Limits } from '../scope.ts';
import { readTemplate } from '../text.ts';
import { buildEnvironment, buildTree, contextOf, loadTemplate, type TreeInput } from '../tree.ts';
import { checkCreate, checkTemplate } from '../validate/index.ts';
import {
  type Dict,
  describeFault,
  isDict,
  isInteger,
  JsonFault,
  readJson,
  str,
  toPlain,
  type Value,
} from '../value/index.ts';
import { type Answer, errorAnswer, parameterAnswer, stackAnswer } from './resolve.ts';

const dict = (value: Value | undefined): Dict => (isDict(value) ? value : new Map());
const list = (value: Value | undefined): readonly Value[] => (Array.isArray(value) ? value : []);
const count = (value: Value | undefined, fallback: number): number => (isInteger(value) ? Number(value) : fallback);

/** Error codes, in a list or comma-joined as the API takes them. */
const codes = (value: Value | undefined): string[] =>
  typeof value === 'string' ? value.split(',') : list(value).map(str);

function limitsOf(job: Dict): Limits {
  const limits = dict(job.get('limits'));
  return {
    yaqlIterators: count(limits.get('yaql_limit_iterators'), defaultLimits.yaqlIterators),
    yaqlMemoryBytes: count(limits.get('yaql_memory_quota'), defaultLimits.yaqlMemoryBytes),
    nestedDepth: count(limits.get('max_nested_stack_depth'), defaultLimits.nestedDepth),
    resourcesPerStack: count(limits.get('max_resources_per_stack'), defaultLimits.resourcesPerStack),
    templateBytes: count(limits.get('max_template_size'), defaultLimits.templateBytes),
  };
}

/** Values as if every resource had been created: what the job says, names for references, null for the rest. */
function simulated(job: Dict): (typeOf: (path: string) => string | undefined) => LiveValues {
  const attributes = dict(job.get('attrs'));
  const byType = dict(job.get('attrs_by_type'));
  const references = dict(job.get('refids'));
  return (typeOf) => ({
    reference: (path) => references.get(path) ?? path.split('/').at(-1) ?? '',
    attribute(path, name) {
      const own = attributes.get(path);
      if (isDict(own) && own.has(name)) return own.get(name) ?? null;
      const shared = byType.get(typeOf(path) ?? '');
      return isDict(shared) ? named(shared.get(name) ?? null, path.split('/').at(-1) ?? '') : null;
    },
    simulated: true,
    attributeNames: (path) => [...dict(attributes.get(path)).keys()].map(str),
  });
}

/** Values given by type may hold the resource's name. */
function named(value: Value, name: string): Value {
  if (typeof value === 'string') return value.replaceAll('%name%', () => name);
  if (Array.isArray(value)) return value.map((item) => named(item, name));
  return isDict(value) ? new Map([...value].map(([key, item]) => [key, named(item, name)])) : value;
}

function input(job: Dict, prefix = ''): TreeInput {
  const get = (key: string): Value | undefined => job.get(`${prefix}${key}`) ?? (prefix ? job.get(key) : undefined);
  const files = new Map([...dict(get('files'))].map(([name, text]) => [str(name), str(text)]));
  const template = get('template') ?? new Map();
  return {
    template: typeof template === 'string' || isDict(template) ? template : new Map(),
    files,
    environment: dict(get('environment')),
    environmentFiles: list(get('environment_files')).map(str),
    parameters: dict(get('params')),
  };
}

class Batch {
  private readonly library: ResourceTypeLibrary;
  private readonly templates = new TemplateCache();
  constructor(library: ResourceTypeLibrary) {
    this.library = library;
  }

  private context(job: Dict, anyTypeByDefault: boolean): Context {
    const types = job.get('types');
    return contextOf({
      types: this.library,
      anyType: types === undefined ? anyTypeByDefault : types === 'fake',
      limits: limitsOf(job),
      identity: {
        name: 'teststack',
        id: 'None',
        arn: 'arn:openstack:heat::test_tenant_id:stacks/teststack/None',
        project: 'test_tenant_id',
      },
      notFetched: (name) => `oracle: not fetched: ${name}`,
      templates: this.templates,
    });
  }

  answer(job: Dict): Answer {
    const op = job.get('op');
    switch (op) {
      case 'resolve':
        return this.resolve(job);
      case 'validate':
        return {
          validate: toPlain(
            checkTemplate(input(job), this.context(job, false), {
              showNested: job.get('show_nested') === true,
              ignoreErrors: codes(job.get('ignore_errors')),
            }),
          ),
        };
      case 'diff':
        return this.diff(job);
      case 'params': {
        const context = this.context(job, true);
        const evaluation = new Evaluation(simulated(job)(() => undefined));
        const stack = buildTree(input(job), context, evaluation);
        stack.parameters.validate(evaluation, true, context.customs);
        return { parameters: parameterAnswer(stack, evaluation) };
      }
      case 'env': {
        const context = this.context(job, true);
        const tree = input(job);
        return { environment: toPlain(buildEnvironment(tree, loadTemplate(tree.template, context), context).toDict()) };
      }
      case 'envfmt':
        return { parsed: toPlain(readEnvironment(str(job.get('text') ?? ''))) };
      case 'parse':
        return { parsed: toPlain(readTemplate(str(job.get('template') ?? job.get('text') ?? ''))) };
      case 'registry':
        return this.registry(job);
      default:
        throw new TemplateError('ValueError', `Unknown op ${str(op ?? null)}`);
    }
  }

  private resolve(job: Dict): Answer {
    const context = this.context(job, true);
    const answer: Answer = {};
    if (job.get('strict_validate') === true) answer.create_validate = created(() => checkCreate(input(job), context));
    let tree: ReturnType<typeof buildTree> | undefined;
    const evaluation = new Evaluation(simulated(job)((path) => typeAt(tree, path)));
    try {
      tree = buildTree(input(job), context, evaluation);
      tree.parameters.validate(evaluation, true, context.customs);
      checkCycles(tree, evaluation);
      Object.assign(answer, stackAnswer(tree, evaluation));
    } catch (cause) {
      answer.error = errorAnswer(cause);
    }
    return answer;
  }

  private diff(job: Dict): Answer {
    const context = this.context(job, false);
    const live = simulated(job)(() => undefined);
    const state = (from: TreeInput, evaluation: Evaluation): State => ({
      stack: buildTree(from, context, evaluation),
      evaluation,
    });
    const before = state(input(job), new Evaluation(live));
    before.stack.parameters.validate(before.evaluation, true, context.customs);
    const fresh = new Evaluation(nothingKnown, true);
    const planned = state(input(job, 'new_'), fresh);
    checkImmutable(before, planned);
    checkCreate(input(job, 'new_'), context);
    const after = state(input(job, 'new_'), new Evaluation(live));
    return { preview: previewUpdate(before, planned), diff: previewUpdate(before, after) };
  }

  private registry(job: Dict): Answer {
    const environment = new Environment(dict(job.get('environment')), {
      plugin: (type) => this.library.get(type)?.plugin,
      mappings: this.library.mappings,
    });
    const { registry } = environment;
    const kinds = {
      plugin: 'ClassResourceInfo',
      template: 'TemplateResourceInfo',
      mapping: 'MapResourceInfo',
      wildcard: 'GlobResourceInfo',
    };
    const answer: Answer = {
      lookups: list(job.get('lookups')).map((lookup) => {
        const [type, resource] = Array.isArray(lookup) ? lookup.map(str) : [str(lookup), undefined];
        try {
          const entry = registry.find(type ?? '', resource);
          return { class: kinds[entry.kind], name: entry.name, value: entry.value, user: entry.user };
        } catch (cause) {
          return { error: errorAnswer(cause) };
        }
      }),
    };
    answer.as_dict = toPlain(registry.toDict());
    if (job.has('hooks'))
      answer.hooks = list(job.get('hooks')).map((pair) =>
        registry.hasHook(str(list(pair)[0] ?? ''), str(list(pair)[1] ?? '')),
      );
    if (job.has('restricted'))
      answer.restricted = list(job.get('restricted')).map((name) => registry.restrictions(str(name)).sort());
    if (job.has('child'))
      answer.child = toPlain(environment.child(str(dict(job.get('child')).get('name') ?? ''), undefined).toDict());
    return answer;
  }
}

function created(check: () => void): unknown {
  try {
    check();
    return 'ok';
  } catch (cause) {
    return { error: errorAnswer(cause) };
  }
}

function typeAt(root: ReturnType<typeof buildTree> | undefined, path: string): string | undefined {
  let stack = root;
  const names = path.split('/');
  const last = names.pop();
  for (const name of names) {
    const state = stack?.child(name)?.state;
    if (state?.kind !== 'expanded') return undefined;
    stack = state.scope;
  }
  return stack && last !== undefined ? stack.node(last).type : undefined;
}

/** Answers one line. A line that is no job is answered with an error too. */
export function batch(library: ResourceTypeLibrary): (line: string) => Answer {
  const runner = new Batch(library);
  return (line) => {
    try {
      const job = readJson(line);
      if (!isDict(job)) throw new TemplateError('ValueError', 'A job is a JSON object.');
      return runner.answer(job);
    } catch (cause) {
      if (cause instanceof JsonFault)
        return { error: errorAnswer(new TemplateError('ValueError', describeFault(cause, line))) };
      return { error: errorAnswer(cause) };
    }
  };
}
