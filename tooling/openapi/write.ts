import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ARTIFACT, artifactText } from './artifact.ts';

writeFileSync(ARTIFACT, artifactText());
process.stdout.write(`Wrote ${fileURLToPath(ARTIFACT)}\n`);
