// YAML as OpenStack's services read it.
export { readYaml } from './read.ts';
export { plainScalar } from './scalar.ts';
