// A stack with its parameters and outputs, as the stack's own document shows them.
import type { ApiRequest } from '../../openstack/index.ts';
import { type StackService, templateErrors } from '../service.ts';
import type { StackRow } from '../stack/store.ts';
import { type ShownOutput, stackDetail } from '../stack/view.ts';
import { NotYetKnown, TemplateError } from '../template/index.ts';
import { linksOf } from './request.ts';

export async function detailOf(service: StackService, request: ApiRequest, stack: StackRow, withOutputs: boolean) {
  const { graph, values } = await service.graph(stack);
  const view = graph.stacks.get(stack.path);
  const hidden = new Set(view?.hiddenParameters ?? []);
  let parameters: Record<string, unknown> = {};
  try {
    parameters = Object.fromEntries(
      Object.entries(view?.parameters(values) ?? {}).map(([name, value]) => [
        name,
        hidden.has(name) ? '******' : textOf(value),
      ]),
    );
  } catch (error) {
    if (!(error instanceof NotYetKnown || error instanceof TemplateError)) throw error;
  }
  const outputs =
    withOutputs && stack.status !== 'IN_PROGRESS' ? await outputsOf(service, stack) : withOutputs ? [] : undefined;
  return stackDetail(linksOf(request), stack, parameters, outputs);
}

/** Heat shows every parameter as text. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return JSON.stringify(value);
}

export async function outputsOf(service: StackService, stack: StackRow): Promise<ShownOutput[]> {
  const { graph, values } = await service.graph(stack);
  return [...(graph.stacks.get(stack.path)?.outputs.values() ?? [])].map((output) => {
    const shown = { output_key: output.name, description: output.description };
    try {
      return { ...shown, output_value: templateErrors(() => output.value(values)) };
    } catch (error) {
      return { ...shown, output_value: null, output_error: error instanceof Error ? error.message : String(error) };
    }
  });
}
