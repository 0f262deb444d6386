import type { Readable } from 'node:stream';

/** Where the bytes of files are kept. A key is made of our own ids: letters, digits, `-` and `/`. */
export interface FileStorage {
  /**
   * Keeps the bytes of a local file, which the storage may take away from there. Once this is done they survive a power
   * cut; until then nothing is there by that key.
   */
  put(key: string, path: string, file: { size: number; mediaType: string; sha256: Buffer }): Promise<void>;
  /** The bytes as they come; undefined when there are none by that key. */
  get(key: string): Promise<Readable | undefined>;
  /** Does nothing when there is nothing by that key. */
  remove(key: string): Promise<void>;
}

export interface S3Config {
  bucket: string;
  region: string;
  /** Of a service that is not Amazon's. */
  endpoint: string | undefined;
  /** Undefined: from the environment of the machine. */
  credentials: { accessKeyId: string; secretAccessKey: string } | undefined;
}
