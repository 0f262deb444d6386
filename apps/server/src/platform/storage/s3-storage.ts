import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { FileStorage, S3Config } from './file-storage.ts';

/** Nothing that is asked of the storage may hold a request for longer. */
const CONNECT_MS = 5000;
const ANSWER_MS = 30_000;
/** What goes wrong is thrown, and logged by whoever asked. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** Files in a bucket of S3, or of what speaks its protocol. */
export function createS3Storage({ bucket, region, endpoint, credentials }: S3Config): FileStorage {
  const client = new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
    logger: SILENT,
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS },
    // Others than Amazon know no checksums besides those of the request itself.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return {
    async put(key, path, { size, mediaType, sha256 }) {
      const send = async () => {
        const handle = await open(path);
        const command = new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: handle.createReadStream(),
          ContentLength: size,
          ContentType: mediaType,
          // Signed with the request: a body that arrives damaged is refused.
          ChecksumSHA256: sha256.toString('base64'),
        });
        await client.send(command).finally(() => handle.close());
      };
      // The client itself repeats no request whose body was a stream.
      await send().catch((error: unknown) => {
        if (isRefusal(error)) throw error;
        return send();
      });
    },
    async get(key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        if (!(Body instanceof Readable)) throw new Error('The storage answered without a body.');
        return Body;
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
  };
}

/** Told by the storage, which will say the same again. */
function isRefusal(error: unknown): boolean {
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  return status !== undefined && status < 500;
}
