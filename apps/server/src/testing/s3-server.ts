import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { S3Config } from '#platform/storage/file-storage.ts';

const BUCKET = 'parley-files';
const CREDENTIALS = { accessKeyId: 'AKIATEST', secretAccessKey: 'a secret of tests' };
const REGION = 'eu-test-1';

export interface S3Server {
  readonly config: S3Config;
  readonly objects: ReadonlyMap<string, Buffer>;
  /** Answers the next requests with an error, as a storage that is out of order. */
  failNext(times: number): void;
  close(): Promise<void>;
}

/** Stands in for S3: objects by key in one bucket, for those whose signature (version 4) is right. */
export async function startS3Server(): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  let failures = 0;
  const server = createServer((request, response) => {
    void answer(request, response);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks);
    if (failures > 0) {
      failures -= 1;
      return refuse(response, 503, 'SlowDown');
    }
    const fault = faultOf(request, body);
    if (fault !== undefined) return refuse(response, 403, fault);
    const [, bucket, ...key] = new URL(request.url ?? '/', 'http://s3').pathname.split('/');
    if (bucket !== BUCKET) return refuse(response, 404, 'NoSuchBucket');
    const name = decodeURIComponent(key.join('/'));
    const stored = objects.get(name);
    if (request.method === 'PUT') {
      objects.set(name, body);
      return void response.setHeader('etag', '"x"').end();
    }
    if (request.method === 'DELETE') {
      objects.delete(name);
      return void response.writeHead(204).end();
    }
    if (!stored) return refuse(response, 404, 'NoSuchKey');
    response.writeHead(200, { 'content-length': stored.length }).end(stored);
  }

  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    config: { bucket: BUCKET, region: REGION, endpoint, credentials: CREDENTIALS },
    objects,
    failNext(times) {
      failures = times;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

/** What is wrong with a signature, or with the digests of a body. */
function faultOf(request: IncomingMessage, body: Buffer): string | undefined {
  const { headers, method = '' } = request;
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (!parts) return 'AccessDenied';
  const [, keyId, day = '', region = '', names = '', signature] = parts;
  if (keyId !== CREDENTIALS.accessKeyId) return 'InvalidAccessKeyId';
  const said = String(headers['x-amz-content-sha256']);
  if (said !== 'UNSIGNED-PAYLOAD' && said !== sha256(body)) return 'XAmzContentSHA256Mismatch';
  const checksum = headers['x-amz-checksum-sha256'];
  if (checksum !== undefined && Buffer.from(String(checksum), 'base64').toString('hex') !== sha256(body))
    return 'BadDigest';
  const url = new URL(request.url ?? '/', 'http://s3');
  const query = [...url.searchParams].map(([name, value]) => `${enc(name)}=${enc(value)}`).sort();
  const signed = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, url.pathname, query.join('&'), signed.join(''), names, said].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = hmac(hmac(hmac(hmac(`AWS4${CREDENTIALS.secretAccessKey}`, day), region), 's3'), 'aws4_request');
  return hmac(key, text).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch';
}

const enc = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
