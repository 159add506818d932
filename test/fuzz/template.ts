// Feeds damaged templates to the template language: nothing but its own errors, no input over a second of CPU, no more than 300 MB.
// Run: node --max-old-space-size=160 --import tsx test/fuzz/template.ts [INPUTS, by default 200000] [SEED]
import { setFlagsFromString } from 'node:v8';
import { resourceTypes } from '../../src/orchestration/resources/index.ts';
import { batch } from '../../src/orchestration/template/command/batch.ts';
import { damaged, picker } from './damage.ts';
import { type Job, seeds } from './seeds.ts';

const limit = { ms: 1000, megabytes: 300 } as const;
const inputs = Number(process.argv[2] ?? 200_000);
const seed = Number(process.argv[3] ?? 1);
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

const parse = (template: string): Job => ({ op: 'parse', template });
const outputs = (value: Job[string]): Job => ({
  op: 'resolve',
  template: { heat_template_version: 'wallaby', outputs: { o: { value } } },
});
/** Calls in calls, as text: so deep a value cannot be printed. */
const nested = (depth: number): string =>
  `{"op":"resolve","template":{"heat_template_version":"wallaby","outputs":{"o":{"value":${'{"list_concat":[['.repeat(depth)}1${']]}'.repeat(depth)}}}}}`;
/** Inputs that are heavy by design; each is tried once. */
function* heavy(): Generator<Job> {
  const bomb = [
    'a0: &a0 [x, x, x, x, x, x, x, x, x]',
    ...Array.from(
      { length: 30 },
      (_, level) => `a${level + 1}: &a${level + 1} [${Array(9).fill(`*a${level}`).join(', ')}]`,
    ),
  ].join('\n');
  yield parse(`heat_template_version: wallaby\n${bomb}\n`);
  yield {
    op: 'resolve',
    template: `heat_template_version: wallaby\noutputs:\n  o:\n    value:\n${bomb.replaceAll(/^/gm, '      ')}\n`,
  };
  yield parse('heat_template_version: wallaby\na: &a {b: *a}\n');
  for (const open of ['[', '{a: ', '- ', '"', "'", '? ', '&a ', '!x ', '*a ', '\n ', '#', '%', '|\n '])
    for (const times of [1000, 100_000]) yield parse(open.repeat(times));
  const long = 'x'.repeat(10_000_000);
  yield parse(long);
  yield { op: 'envfmt', text: long };
  yield outputs(long);
  yield { ...outputs({ str_replace: { template: long, params: { x: 'yy' } } }) };
  yield { ...outputs({ str_split: ['x', long] }) };
  yield { ...outputs({ digest: ['sha512', long] }) };
  yield { ...outputs({ yaql: { expression: '$.data.toUpper().len()', data: long } }) };
  yield { ...outputs({ yaql: { expression: 'regex("(x+x+)+y").search($.data)', data: long } }) };
  yield {
    ...outputs({
      repeat: {
        template: '%a%%b%%c%',
        for_each: { '%a%': Array(300).fill('x'), '%b%': Array(300).fill('y'), '%c%': Array(300).fill('z') },
      },
    }),
  };
  for (const pattern of ['(a+)+$', '(a|a)*$', '(a|aa)+$', '(.*a){25}$', '([a-z]+)*!$', '^(a?){40}a{40}$'])
    yield {
      op: 'params',
      template: {
        heat_template_version: 'wallaby',
        parameters: { p: { type: 'string', constraints: [{ allowed_pattern: pattern }] } },
      },
      params: { p: `${'a'.repeat(5000)}b` },
    };
  yield {
    op: 'resolve',
    types: 'real',
    template: {
      heat_template_version: 'wallaby',
      resources: {
        g: {
          type: 'OS::Heat::ResourceGroup',
          properties: { count: 1e9, resource_def: { type: 'OS::Heat::RandomString' } },
        },
      },
    },
  };
  const self =
    'heat_template_version: wallaby\nresources:\n  a: {type: self.yaml}\n  b: {type: self.yaml}\n  c: {type: self.yaml}\n';
  yield { op: 'resolve', template: self, files: { 'self.yaml': self }, strict_validate: true };
}

function* all(): Generator<string> {
  for (const job of heavy()) yield JSON.stringify(job);
  for (const depth of [100, 1000, 10_000, 100_000]) yield nested(depth);
  const pick = picker(seed);
  for (let count = 0; count < inputs; count++) yield JSON.stringify(damaged(seeds[pick(seeds.length)] ?? {}, pick));
}

const answer = batch(resourceTypes);
const short = (line: string): string => (line.length > 2000 ? `${line.slice(0, 2000)}... (${line.length})` : line);
let [tried, faults, slowest, most] = [0, 0, 0, 0];
const start = performance.now();
for (const line of all()) {
  const before = process.cpuUsage();
  let fault: string | undefined;
  try {
    JSON.stringify(answer(line));
  } catch (cause) {
    fault = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  }
  const used = process.cpuUsage(before);
  const ms = (used.user + used.system) / 1000;
  if (ms > limit.ms) fault ??= `took ${Math.round(ms)} ms of CPU`;
  slowest = Math.max(slowest, ms);
  if (tried++ % 200 === 0) most = Math.max(most, process.memoryUsage().rss / 1e6);
  if (fault) {
    faults++;
    console.error(`${fault}\n  ${short(line)}`);
    if (faults >= 20) break;
  }
}
most = Math.max(most, process.resourceUsage().maxRSS / 1e3);
console.log(
  `${tried} inputs in ${Math.round((performance.now() - start) / 1000)} s, ${faults} faults, slowest ${Math.round(slowest)} ms, ${Math.round(most)} MB`,
);
if (most > limit.megabytes) console.error(`more than ${limit.megabytes} MB`);
process.exitCode = faults > 0 || most > limit.megabytes ? 1 : 0;
