// What the routes of orchestration share: whose stack, which links, what was given.
import type { Database } from '../../database/index.ts';
import type { ApiRequest } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { StackInputs } from '../stack/inputs.ts';
import { findStack, type StackRow } from '../stack/store.ts';
import type { Links } from '../stack/view.ts';

/** The project in the path, which must be the caller's own unless the caller is an admin. */
export function projectOf(request: ApiRequest): string {
  const tenant = request.params.tenant ?? '';
  const { caller } = request.context;
  if (tenant !== caller.projectId && !caller.roles.includes('admin')) throw errors.TenantMismatch();
  return tenant;
}

export function linksOf(request: ApiRequest): Links {
  return { baseUrl: request.context.baseUrl };
}

/** A whole number of the query. @throws ApiError */
export function wholeOf(search: URLSearchParams, name: string): number {
  const text = search.get(name) ?? '';
  const value = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  if (value === undefined) throw errors.BadNumber(name, text);
  return value;
}

/** How many stacks deep a list goes: none below, so many, or `max`. @throws ApiError */
export function depthOf(search: URLSearchParams): number {
  const text = search.get('nested_depth');
  if (text === null) return 0;
  return text.toLowerCase() === 'max' ? Number.POSITIVE_INFINITY : wholeOf(search, 'nested_depth');
}

/** The stack named in the path, by `/:stack/:id` or by `/:stack` alone. */
export async function stackOf(database: Database, request: ApiRequest): Promise<StackRow> {
  const project = projectOf(request);
  const wanted = request.params.id ?? request.params.stack ?? '';
  const stack = await findStack(database, wanted, project);
  if (
    !stack ||
    (request.params.id !== undefined && stack.name !== request.params.stack && stack.id !== request.params.stack)
  ) {
    throw errors.EntityNotFound('Stack', request.params.stack ?? wanted);
  }
  return stack;
}

export interface GivenInputs {
  readonly template?: unknown;
  readonly template_url?: string | null | undefined;
  readonly environment?: unknown;
  readonly environment_files?: readonly string[] | null | undefined;
  readonly files?: Readonly<Record<string, unknown>> | null | undefined;
  readonly parameters?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Inputs of a create, a preview or a full update. */
export function wholeInputs(body: GivenInputs): StackInputs {
  if (body.template === undefined || body.template === null || body.template === '') {
    throw body.template_url ? errors.TemplateUrlRefused() : errors.MissingTemplate();
  }
  return {
    template: body.template,
    environment: body.environment ?? {},
    environmentFiles: body.environment_files ?? [],
    files: body.files ?? {},
    parameters: body.parameters ?? {},
  };
}

/** Inputs of a stack that adopts: those of the stack that is adopted, with what is given beside them. */
export function adoptedInputs(adopted: Tree, body: GivenInputs): StackInputs {
  const files = isTree(adopted.files) ? adopted.files : {};
  return {
    template: adopted.template,
    environment: mergedEnvironment(adopted.environment ?? {}, body.environment ?? {}),
    environmentFiles: body.environment_files ?? [],
    files: { ...files, ...body.files },
    parameters: body.parameters ?? {},
  };
}

/** Inputs of a PATCH: what is absent stays as it was; parameters are merged, those in `cleared` fall back to defaults. */
export function patchedInputs(before: StackInputs, body: GivenInputs, cleared: readonly string[]): StackInputs {
  const kept = Object.fromEntries(Object.entries(before.parameters).filter(([name]) => !cleared.includes(name)));
  return {
    template: body.template ?? before.template,
    environment:
      body.environment === undefined
        ? withoutParameters(before.environment, cleared)
        : mergedEnvironment(before.environment, body.environment),
    environmentFiles: body.environment_files ?? before.environmentFiles,
    files: { ...before.files, ...body.files },
    parameters: { ...kept, ...body.parameters },
  };
}

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

function withoutParameters(environment: unknown, cleared: readonly string[]): unknown {
  if (!isTree(environment) || !isTree(environment.parameters)) return environment;
  return {
    ...environment,
    parameters: Object.fromEntries(Object.entries(environment.parameters).filter(([name]) => !cleared.includes(name))),
  };
}

/** The new environment over the old one, section by section. */
function mergedEnvironment(before: unknown, after: unknown): unknown {
  if (!isTree(before) || !isTree(after)) return after;
  const merged: Record<string, unknown> = { ...before };
  for (const [section, value] of Object.entries(after)) {
    const old = merged[section];
    merged[section] = isTree(old) && isTree(value) ? { ...old, ...value } : value;
  }
  return merged;
}
