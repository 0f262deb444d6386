import { createHmac, randomBytes } from 'node:crypto';
import type { WebhookMessage } from '@parley/contract/webhooks';
import { InvalidArgumentError } from 'commander';

const TIMEOUT_MS = 10_000;

export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

export function parseSecret(value: string): string {
  if (/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(value)) return value;
  throw new InvalidArgumentError('It is whsec_ and base64.');
}

/** Posts an event as the server would post it (Standard Webhooks), once. Answers a line that says how it went. */
export async function forward(url: string, secret: string, message: WebhookMessage): Promise<string> {
  const body = JSON.stringify(message);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${message.id}.${timestamp}.${body}`).digest('base64');
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': message.id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return `  -> ${response.status}`;
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return `  -> failed: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}
