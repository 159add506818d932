// Where the repository lies.
import { join } from 'node:path';

export const repository = join(import.meta.dirname, '..', '..');
export const command = join(repository, 'bin', 'undercloud');
