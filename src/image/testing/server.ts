// An image service as a process of its own, for tests that kill it: DATABASE_URL FOLDER; prints where it listens.
import { openDatabase } from '../../database/index.ts';
import { serve } from '../../openstack/testing/index.ts';
import { createImages } from '../index.ts';

const [url = '', folder = ''] = process.argv.slice(2);
const images = createImages({ database: openDatabase(url, { maxConnections: 5 }), folder });
const http = await serve(images.api);
process.stdout.write(`${http.url}\n`);
