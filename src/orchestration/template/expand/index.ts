// The stack inside a resource, for every kind that has one.
import { TemplateError } from '../errors.ts';
import type { ResourceNode, StackScope } from '../stack.ts';
import type { Child } from './child.ts';
import { deploymentGroup, resourceChain, resourceGroup, scalingGroup } from './forms.ts';
import { GroupChild } from './group.ts';
import { instanceGroup } from './instances.ts';
import { TemplateChild } from './template-resource.ts';

/** Expands the stack inside a resource; undefined for a resource without one. */
export function expandChild(stack: StackScope, node: ResourceNode): Child | undefined {
  switch (node.kind) {
    case 'template': {
      const entry = stack.options.environment.registry.find(node.definition.type, node.definition.name, {
        templateOnly: true,
      });
      return new TemplateChild(stack, node, entry);
    }
    case 'group':
      return new GroupChild(stack, node, resourceGroup(stack, node));
    case 'chain':
      return new GroupChild(stack, node, resourceChain(stack, node));
    case 'deployments':
      return new GroupChild(stack, node, deploymentGroup(stack, node));
    case 'scaling':
      return new GroupChild(stack, node, scalingGroup(stack, node));
    case 'instances':
      return new GroupChild(stack, node, instanceGroup(stack, node));
    case 'plain':
    case 'value':
    case 'none':
      return undefined;
    default:
      throw new TemplateError('AssertionError', `no expansion for ${node.kind satisfies never}`);
  }
}
