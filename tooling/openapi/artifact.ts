import { readFileSync } from 'node:fs';
import { describeApi } from '@parley/contract/openapi/document';

/** The committed document: what clients are generated from without a running server. */
export const ARTIFACT = new URL('../../packages/contract/openapi.json', import.meta.url);

/** What the artifact has to hold. */
export function artifactText(): string {
  const manifest = new URL('../../apps/server/package.json', import.meta.url);
  const { version }: { version: string } = JSON.parse(readFileSync(manifest, 'utf8'));
  return `${JSON.stringify(describeApi({ version }), null, 2)}\n`;
}
