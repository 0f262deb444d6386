import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ApiError } from '#platform/api-error.ts';
import { isUploading } from './uploads.ts';

interface BrokenRequest {
  status: number;
  error: ApiError;
}

function describe(code: string | undefined): BrokenRequest {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { status: 431, error: new ApiError('request_too_large', 'The request headers are too large.') };
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { status: 408, error: new ApiError('parse_error', 'The request took too long to arrive.') };
  }
  return { status: 400, error: new ApiError('parse_error', 'Not a valid HTTP request.') };
}

/** Answers what never became a request, in the one error form, and hangs up. */
export function answerBrokenRequest(cause: Error & { code?: string }, socket: Socket): void {
  if (cause.code === 'ECONNRESET' || socket.destroyed) return;
  // A large file may take its time, as long as something arrives (uploads.ts).
  if (cause.code === 'ERR_HTTP_REQUEST_TIMEOUT' && isUploading(socket)) return;
  const { status, error } = describe(cause.code);
  const body = JSON.stringify(error.toBody());
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy(cause);
}
