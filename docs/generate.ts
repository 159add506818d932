// Writes the generated pages of docs/reference; with --check fails when one of them is stale.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errors as baremetal } from '../src/baremetal/errors.ts';
import { errors as introspection } from '../src/baremetal/introspection/errors.ts';
import { createProgram } from '../src/cli/program.ts';
import { errors as compute } from '../src/compute/errors.ts';
import { errors as events } from '../src/events/routes.ts';
import { errors as identity } from '../src/identity/errors.ts';
import { errors as image } from '../src/image/errors.ts';
import { errors as network } from '../src/network/errors.ts';
import { commonErrors } from '../src/openstack/index.ts';
import { errors as operations } from '../src/operations/routes.ts';
import { errors as orchestration } from '../src/orchestration/errors.ts';
import { errors as placement } from '../src/placement/errors.ts';
import { apiPage, machinesPage } from './generator/apis.ts';
import { commandsPage } from './generator/commands.ts';
import { configurationPage } from './generator/configuration.ts';
import { commonErrorsPage, readCatalogue } from './generator/errors.ts';
import { inspectionHooksPage } from './generator/inspection-hooks.ts';
import type { Page } from './generator/markdown.ts';
import { resourceTypesPage } from './generator/resource-types.ts';
import { describeServices } from './generator/services.ts';
import { statesPage } from './generator/states.ts';

const folder = join(import.meta.dirname, 'reference');
const catalogues: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  identity,
  image,
  network,
  placement,
  baremetal,
  'baremetal-introspection': introspection,
  compute,
  orchestration,
  operations,
  events,
};

async function pages(): Promise<Page[]> {
  // Defaults that depend on who runs this would make the pages differ from one machine to the next.
  process.env.UNDERCLOUD_DATA = '/var/lib/undercloud';
  const program = await createProgram();
  const up = program.commands.find((command) => command.name() === 'up');
  if (!up) throw new Error('there is no command up');
  const { apis, machineApis, creatable } = await describeServices();
  return [
    ...apis.map((api) => apiPage(api, readCatalogue(catalogues[api.service] ?? {}))),
    machinesPage(machineApis),
    commonErrorsPage(readCatalogue(commonErrors)),
    statesPage(),
    inspectionHooksPage(),
    configurationPage(up),
    commandsPage(program),
    resourceTypesPage(creatable),
  ];
}

/** Pages in the folder that no source makes any more. */
function leftovers(made: readonly Page[]): string[] {
  const api = join(folder, 'api');
  const found = existsSync(api) ? readdirSync(api).map((name) => `api/${name}`) : [];
  return found.filter((path) => !made.some((one) => one.path === path));
}

const made = await pages();
const gone = leftovers(made);
if (process.argv.includes('--check')) {
  const stale = made.filter(({ path, text }) => {
    const file = join(folder, path);
    return !existsSync(file) || readFileSync(file, 'utf8') !== text;
  });
  for (const path of [...stale.map((one) => one.path), ...gone])
    console.error(`docs/reference/${path} is stale; run: npm run docs`);
  console.log(stale.length + gone.length === 0 ? 'docs: in step with the source' : 'docs: stale');
  process.exitCode = stale.length + gone.length === 0 ? 0 : 1;
} else {
  for (const { path, text } of made) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  for (const path of gone) rmSync(join(folder, path));
  console.log(`docs: ${made.length} pages written`);
}
