// An image service as a process of its own, to be killed or measured: DATABASE_URL FOLDER [plain]; prints where it listens.
import { openDatabase } from '../../database/index.ts';
import { serve } from '../../openstack/testing/index.ts';
import { createImages } from '../index.ts';

const [url = '', folder = '', plain] = process.argv.slice(2);
const images = createImages({ database: openDatabase(url), folder, compress: plain === undefined });
const http = await serve(images.api);
process.stdout.write(`${http.url}\n`);
