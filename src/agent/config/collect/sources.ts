// Makes the sources that the settings name.
import type { Json } from '../../parse.ts';
import type { Paths } from '../paths.ts';
import type { Settings } from '../settings.ts';
import { cfnSource } from './cfn.ts';
import { ec2Source } from './ec2.ts';
import { heatSource } from './heat.ts';
import { localSource } from './local.ts';
import { type RequestSource, requestSource } from './request.ts';
import type { Source } from './source.ts';
import { zaqarSource } from './zaqar.ts';

export interface Sources {
  readonly all: readonly Source[];
  readonly request: RequestSource | undefined;
}

/** One source per known name, in the settings' order; `settings` is asked anew at each use. */
export function makeSources(settings: () => Settings, paths: Paths, log: (line: string) => void): Sources {
  const own = (name: string) => (): Json => settings().sources[name] ?? {};
  const request = requestSource({
    urls: () => settings().metadataUrls,
    holdSeconds: () => settings().holdSeconds,
    log,
  });
  const known: Readonly<Record<string, () => Source>> = {
    request: () => request,
    local: () => localSource(paths.localData),
    heat: () => heatSource(own('heat')),
    cfn: () => cfnSource(own('cfn'), paths.cfnMetadataHint),
    ec2: () => ec2Source(own('ec2')),
    zaqar: () => zaqarSource(own('zaqar')),
  };
  const names = settings().collectors;
  for (const name of names) if (!known[name]) log(`there is no source named ${name}: it is left out`);
  const all = names.flatMap((name) => known[name]?.() ?? []);
  return { all, request: all.includes(request) ? request : undefined };
}
