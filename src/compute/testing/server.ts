// Compute as a process of its own, to be killed: DATABASE_URL FOLDER; prints where compute, bare metal and images listen.
import { openDatabase } from '../../database/index.ts';
import { serve } from '../../openstack/testing/index.ts';
import { composeCompute, testNetwork } from './index.ts';

const [url = '', folder = ''] = process.argv.slice(2);
const parts = composeCompute({ database: openDatabase(url), url, folder });
const served = await Promise.all([parts.compute, parts.baremetal, parts.images].map(({ api }) => serve(api)));
await parts.network.ensureProvisioningNetwork(testNetwork);
await parts.operations.launch();
process.stdout.write(`${served.map((server) => server.url).join(' ')}\n`);
