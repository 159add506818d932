// Stacks, resources and events as Heat's API shows them.
import type { ResourceRow, StackEventRow, StackRow } from './store.ts';

/** `2014-06-03T20:59:46Z`, Heat's way of writing a time. */
export function heatTime(date: Date | null): string | null {
  return date === null ? null : date.toISOString().replace(/\.\d+Z$/, 'Z');
}

export interface Links {
  readonly baseUrl: string;
}

export function stackUrl(links: Links, stack: Pick<StackRow, 'project_id' | 'name' | 'id'>): string {
  return `${links.baseUrl}/v1/${stack.project_id}/stacks/${encodeURIComponent(stack.name)}/${stack.id}`;
}

const self = (href: string) => ({ href, rel: 'self' });

/** One row of `GET /stacks`. */
export function stackSummary(links: Links, stack: StackRow) {
  return {
    id: stack.id,
    links: [self(stackUrl(links, stack))],
    stack_name: stack.name,
    description: stack.description,
    creation_time: heatTime(stack.creation_time),
    updated_time: heatTime(stack.updated_time),
    deletion_time: heatTime(stack.deletion_time),
    stack_status: `${stack.action}_${stack.status}`,
    stack_status_reason: stack.status_reason,
    stack_owner: stack.owner_name,
    stack_user_project_id: stack.project_id,
    parent: stack.parent_id,
    tags: stack.tags.length === 0 ? null : stack.tags,
  };
}

export interface ShownOutput {
  readonly output_key: string;
  readonly description: string;
  readonly output_value?: unknown;
  readonly output_error?: string;
}

export function stackDetail(
  links: Links,
  stack: StackRow,
  parameters: Readonly<Record<string, unknown>>,
  outputs: readonly ShownOutput[] | undefined,
) {
  return {
    ...stackSummary(links, stack),
    parameters,
    ...(outputs === undefined ? {} : { outputs }),
    capabilities: [],
    notification_topics: [],
    timeout_mins: stack.timeout_mins,
    disable_rollback: stack.disable_rollback,
    template_description: stack.description,
  };
}

export function resourceUrl(links: Links, stack: StackRow, name: string): string {
  return `${stackUrl(links, stack)}/resources/${encodeURIComponent(name)}`;
}

export function resourceSummary(
  links: Links,
  stack: StackRow,
  resource: ResourceRow,
  requiredBy: readonly string[],
  nested?: StackRow,
  parentName?: string,
) {
  return {
    resource_name: resource.name,
    logical_resource_id: resource.name,
    physical_resource_id: resource.physical_id ?? '',
    resource_type: resource.type,
    resource_status: `${resource.action}_${resource.status}`,
    resource_status_reason: resource.status_reason,
    creation_time: heatTime(resource.creation_time),
    updated_time: heatTime(resource.updated_time),
    required_by: requiredBy,
    links: [
      self(resourceUrl(links, stack, resource.name)),
      { href: stackUrl(links, stack), rel: 'stack' },
      ...(nested ? [{ href: stackUrl(links, nested), rel: 'nested' }] : []),
    ],
    ...(parentName === undefined ? {} : { parent_resource: parentName }),
  };
}

export function resourceDetail(
  links: Links,
  stack: StackRow,
  resource: ResourceRow,
  requiredBy: readonly string[],
  nested?: StackRow,
  parentName?: string,
) {
  return {
    ...resourceSummary(links, stack, resource, requiredBy, nested, parentName),
    description: '',
    attributes: resource.attributes,
  };
}

/** `root` when events of nested stacks are among them: clients see by its link that they need not ask stack by stack. */
export function eventSummary(links: Links, stack: StackRow, event: StackEventRow, root?: StackRow) {
  const resource = resourceUrl(links, stack, event.resource_name);
  return {
    id: event.id,
    event_time: heatTime(event.at),
    resource_name: event.resource_name,
    logical_resource_id: event.resource_name,
    physical_resource_id: event.physical_id,
    resource_status: `${event.action}_${event.status}`,
    resource_status_reason: event.status_reason,
    links: [
      self(`${resource}/events/${event.id}`),
      { href: resource, rel: 'resource' },
      { href: stackUrl(links, stack), rel: 'stack' },
      ...(root ? [{ href: stackUrl(links, root), rel: 'root_stack' }] : []),
    ],
  };
}
