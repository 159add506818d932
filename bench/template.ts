// Measures the template language: parsing, a tree of 300 nested stacks, 10,000 resources in one stack; Heat at the first two, where it is installed. Run: npx tsx bench/template.ts
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { resourceTypes } from '../src/orchestration/resources/index.ts';
import { diffGraphs, expand, inOrder, readEnvironment } from '../src/orchestration/template/index.ts';
import { contextOf } from '../src/orchestration/template/tree.ts';
import { checkCreate } from '../src/orchestration/template/validate/index.ts';

interface Figure {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** CPU time of each measurement by its label, ms. */
const cpuMs = new Map<string, number>();

function measure<T>(label: string, run: () => T): T {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = run();
  const used = process.cpuUsage(cpu);
  const figure: Figure = {
    wallMs: Math.round(performance.now() - start),
    cpuMs: Math.round((used.user + used.system) / 1000),
  };
  cpuMs.set(label, figure.cpuMs);
  console.log(
    `${label.padEnd(44)} ${String(figure.wallMs).padStart(6)} ms  ${String(figure.cpuMs).padStart(6)} ms CPU  ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
  );
  return result;
}

const nested = (index: number): string => `heat_template_version: wallaby
description: Nested stack ${index} of the benchmark
parameters:
  name: {type: string, description: What the resources are called after}
  conf: {type: json, default: {role: compute, ports: [80, 443]}}
conditions:
  named: {not: {equals: [{get_param: name}, '']}}
resources:
  first:
    type: OS::Heat::Value
    properties:
      value:
        str_replace:
          template: "NAME serves PORTS"
          params: {NAME: {get_param: name}, PORTS: {get_param: [conf, ports]}}
  second:
    type: OS::Heat::RandomString
    condition: named
    properties: {length: 16}
outputs:
  line: {value: {list_join: ['-', [{get_attr: [first, value]}, '${index}']]}}
`;

const count = 300;
const names = Array.from({ length: count }, (_, index) => `stack-${index}.yaml`);
const files = Object.fromEntries(names.map((name, index) => [name, nested(index)]));
const registry = Object.fromEntries(names.map((name, index) => [`Bench::Role::Number${index}`, name]));
const root = `heat_template_version: wallaby
resources:
${names.map((_, index) => `  n${index}: {type: "Bench::Role::Number${index}", properties: {name: ${index % 10 === 0 ? `n${index}` : `{get_attr: [n${index - 1}, line]}`}}}`).join('\n')}
  spread: {type: OS::Heat::ResourceGroup, properties: {count: 200, resource_def: {type: OS::Heat::RandomString, properties: {length: 8}}}}
`;
const settings = {
  types: resourceTypes,
  limits: { resourcesPerStack: -1, nestedDepth: 7, templateBytes: 100_000_000 },
};
const values = { reference: (path: string) => path, attribute: (path: string, name: string) => `${path}.${name}` };

const parsing = 'parse 300 templates (as environments: YAML only)';
measure(parsing, () =>
  names.map((name) => readEnvironment(`parameters:\n  ${(files[name] ?? '').replaceAll('\n', '\n  ')}`)),
);
const input = { template: root, files, environment: { resource_registry: registry } };
const graph = measure(`expand ${count} nested stacks`, () => expand(input, settings));
console.log(`  ${graph.stacks.size} stacks, ${graph.vertices.size} vertices`);
measure('  resolve all', () => [...graph.vertices.values()].map((vertex) => vertex.resolve(values)));
measure('  compare with itself', () => diffGraphs(graph, graph, values));

const long = `heat_template_version: wallaby\nresources:\n${Array.from({ length: 10_000 }, (_, index) => `  r${index}:\n    type: OS::Heat::RandomString\n    properties: {length: 8}\n    depends_on: [${index > 0 ? `r${index - 1}` : ''}]\n`).join('')}`;
const chain = measure('expand 10,000 resources in a chain', () => expand({ template: long }, settings));
measure('  put them in order', () => inOrder(chain));

measure('check the tree as stack creation would', () => checkCreate(input, contextOf(settings)));

const peer = spawnSync('/usr/bin/python3', [fileURLToPath(new URL('template-heat.py', import.meta.url))], {
  input: JSON.stringify(input),
  encoding: 'utf8',
});
if (peer.status === 0) {
  const figures: unknown = JSON.parse(peer.stdout);
  const heat = (name: string): number =>
    figures !== null && typeof figures === 'object' && name in figures
      ? Number(Reflect.get(figures, name))
      : Number.NaN;
  const compare = (what: string, name: string, label: string): void => {
    const ours = cpuMs.get(label) ?? Number.NaN;
    console.log(`Heat ${what}: ${heat(name)} ms CPU, ${(heat(name) / ours).toFixed(1)} times ours`);
  };
  compare('parses the 300 templates', 'parse', parsing);
  compare('checks the tree', 'check', 'check the tree as stack creation would');
  console.log(`Heat takes ${heat('megabytes')} MB`);
} else console.log(`No comparison with Heat (Debian's python3-heat): ${peer.stderr.trim().split('\n').at(-1) ?? ''}`);
