import { fileURLToPath } from 'node:url';
import { buildSdk } from './build-sdk.ts';

const folder = fileURLToPath(new URL('../../packages/sdk/dist', import.meta.url));
await buildSdk(folder);
process.stdout.write(`Built ${folder}: "npm pack ./packages/sdk/dist" makes a package of it.\n`);
