// The parameter_groups section: each parameter in one group at most.
import { attributeError, typeError, validationFailed } from '../errors.ts';
import type { Template } from '../template.ts';
import { type Dict, isDict, str, truthy, typeName, type Value } from '../value/index.ts';

/** The section as the API shows it; null when the template has none. */
export function parameterGroups(template: Template): Value {
  if (!template.language.hot) return null;
  const groups = template.data.get('parameter_groups') ?? null;
  return truthy(groups) ? groups : null;
}

/** @throws TemplateError StackValidationFailed `Parameter Groups error: parameter_groups.<label>: ...` */
export function validateGroups(template: Template, parameterNames: readonly string[]): void {
  const groups = parameterGroups(template);
  if (groups === null) return;
  const error = 'Parameter Groups error';
  const section = 'parameter_groups';
  if (!Array.isArray(groups)) throw validationFailed(`The ${section} should be a list.`, { error, path: [section] });
  const grouped = new Set<string>();
  for (const group of groups) {
    if (!isDict(group)) throw attributeError(`'${typeName(group)}' object has no attribute 'get'`);
    checkGroup(group, grouped, parameterNames, error, section);
  }
}

function checkGroup(
  group: Dict,
  grouped: Set<string>,
  parameterNames: readonly string[],
  error: string,
  section: string,
): void {
  const path = [section, str(group.get('label') ?? '')];
  const parameters = group.get('parameters') ?? null;
  if (parameters === null)
    throw validationFailed('The parameters must be provided for each parameter group.', { error, path });
  if (!Array.isArray(parameters))
    throw validationFailed('The parameters of parameter group should be a list.', { error, path });
  for (const parameter of parameters) {
    if (Array.isArray(parameter) || isDict(parameter)) throw typeError(`unhashable type: '${typeName(parameter)}'`);
    const name = str(parameter);
    if (grouped.has(name))
      throw validationFailed(`The ${name} parameter must be assigned to one parameter group only.`, { error, path });
    grouped.add(name);
    if (!parameterNames.includes(name))
      throw validationFailed(`The grouped parameter ${name} does not reference a valid parameter.`, { error, path });
  }
}
