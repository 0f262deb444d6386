import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** A part of the client as its package holds it. */
export interface ClientFile {
  content: Buffer;
  /** Of its bytes, as a strong validator. */
  digest: string;
}

interface Manifest {
  version: string;
  /** By name, `sha384-…`. */
  files: Record<string, string>;
}

const folder = () => new URL('.', import.meta.resolve('posthog-js'));

let manifest: Promise<Manifest> | undefined;

/** What the package says it consists of. Read when somebody first asks. */
function readManifest(): Promise<Manifest> {
  manifest ??= readFile(new URL('integrity.json', folder()), 'utf8').then(
    // The package's own list; what it says of a file is checked against that file.
    (text) => JSON.parse(text) as Manifest,
  );
  manifest.catch(() => {
    manifest = undefined;
  });
  return manifest;
}

/**
 * A file of the client by its name; undefined for what is none, or of another version than the one that is here.
 * Throws for one that is not what its package says: it would run in other people's pages.
 */
export async function readClientFile(name: string, version?: string): Promise<ClientFile | undefined> {
  const { version: own, files } = await readManifest();
  const digest = Object.hasOwn(files, name) ? files[name] : undefined;
  if (digest === undefined || (version !== undefined && version !== own)) return undefined;
  const content = await readFile(new URL(name, folder()));
  if (`sha384-${createHash('sha384').update(content).digest('base64')}` !== digest)
    throw new Error(`${name} of posthog-js ${own} was changed since it was published.`);
  return { content, digest };
}
