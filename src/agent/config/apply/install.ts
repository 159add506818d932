// Installs a tree of templates: all are rendered before the first file is written.
import { chmod, chown, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { AgentError } from '../../errors.ts';
import { isObject, type Json } from '../../parse.ts';
import { readIfThere } from '../files.ts';
import { type FileControl, parseControl } from './control-file.ts';
import { renderFile } from './render.ts';

export interface InstallOptions {
  readonly templates: string;
  /** Root of the tree that is written. */
  readonly output: string;
  readonly metadata: Json;
  /** Render only. */
  readonly validate: boolean;
  readonly log: (line: string) => void;
}

interface Rendered {
  readonly path: string;
  readonly content: string;
  readonly control: FileControl;
}

/** Answers the paths that changed. A template that fails stops all of them, before anything is written. Throws AgentError `template`. */
export async function installTemplates(options: InstallOptions): Promise<readonly string[]> {
  const rendered: Rendered[] = [];
  const seen = new Set<string>();
  for (const template of await filesBelow(options.templates)) {
    if (template.endsWith('.oac')) continue;
    const control = await readIfThere(`${template}.oac`);
    const path = join(options.output, relative(options.templates, template));
    seen.add(template);
    rendered.push({
      path,
      content: await renderFile(template, options.metadata),
      control: control === undefined ? { allowEmpty: true } : parseControl(control, `${template}.oac`),
    });
  }
  for (const file of await filesBelow(options.templates)) {
    if (file.endsWith('.oac') && !seen.has(file.slice(0, -4))) {
      throw new AgentError('template', `${file} controls a template that does not exist`);
    }
  }
  if (options.validate) return [];
  const accounts = await readAccounts(options.output);
  const changed: string[] = [];
  for (const file of rendered) {
    if (await install(file, accounts)) {
      options.log(`wrote ${file.path}`);
      changed.push(file.path);
    }
  }
  return changed;
}

async function install(file: Rendered, accounts: Accounts): Promise<boolean> {
  const { path, content, control } = file;
  const present = await stat(path).catch((thrown: unknown) => {
    if (isObject(thrown) && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  });
  if (content === '' && !control.allowEmpty) {
    await rm(path, { force: true });
    return present !== undefined;
  }
  const mode = control.mode ?? (present ? present.mode & 0o7777 : 0o644);
  const uid = accounts.id('passwd', control.owner) ?? present?.uid;
  const gid = accounts.id('group', control.group) ?? present?.gid;
  const same =
    present !== undefined &&
    (await readIfThere(path)) === content &&
    (present.mode & 0o7777) === mode &&
    present.uid === (uid ?? present.uid) &&
    present.gid === (gid ?? present.gid);
  if (same) return false;
  await mkdir(dirname(path), { recursive: true });
  const next = `${path}.new`;
  await writeFile(next, content, { mode: 0o600 });
  if (uid !== undefined || gid !== undefined)
    await chown(next, uid ?? process.getuid?.() ?? 0, gid ?? process.getgid?.() ?? 0);
  await chmod(next, mode);
  await rename(next, path);
  return true;
}

interface Accounts {
  /** The number of an account by name or number; undefined when none was asked for. Throws AgentError `template`. */
  id(kind: 'passwd' | 'group', name: string | undefined): number | undefined;
}

async function readAccounts(root: string): Promise<Accounts> {
  const read = async (kind: 'passwd' | 'group') => {
    const text = (await readIfThere(join(root, 'etc', kind))) ?? '';
    return new Map(text.split('\n').map((line) => [line.split(':')[0] ?? '', Number(line.split(':')[2])] as const));
  };
  const known = { passwd: await read('passwd'), group: await read('group') };
  return {
    id(kind, name) {
      if (name === undefined) return undefined;
      const id = /^\d+$/.test(name) ? Number(name) : known[kind].get(name);
      if (id === undefined) throw new AgentError('template', `${name} not found in ${kind} database`);
      return id;
    },
  };
}

/** Every file below a folder, in order; none when there is no such folder. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((thrown: unknown) => {
    if (isObject(thrown) && thrown.code === 'ENOENT') return [];
    throw thrown;
  });
  const found: string[] = [];
  for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(path)));
    else found.push(path);
  }
  return found;
}
