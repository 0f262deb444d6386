import type { SecretBox } from '#platform/secret-box.ts';
import type { Claimed } from './webhooks.claim.ts';
import type { Post, Posted } from './webhooks.post.ts';
import type { WebhookRow } from './webhooks.repo.ts';
import { signedHeaders } from './webhooks.secrets.ts';

/** Signs a delivery and posts it once. Its body and its id are the same every time; time and signatures are not. */
export async function attempt(
  { webhook, delivery }: Claimed,
  at: Date,
  parts: { secretBox: SecretBox; userAgent: string; post: Post; signal: AbortSignal },
): Promise<Posted> {
  const { url } = webhook;
  const secrets = openSecrets(parts.secretBox, webhook, at);
  if (!secrets) return unsigned(url, at);
  const { id, payload: body } = delivery;
  const headers = {
    'content-type': 'application/json',
    'user-agent': parts.userAgent,
    ...signedHeaders(secrets, { id, at, body }),
  };
  return parts.post({ url, headers, body, at, signal: parts.signal });
}

/** The secrets that sign; undefined when they were sealed under another secret of the server. */
function openSecrets(box: SecretBox, webhook: WebhookRow, now: Date): string[] | undefined {
  const { secret, previous_secret: previous, previous_secret_until: until } = webhook;
  const current = box.open(secret);
  if (current === undefined) return undefined;
  const old = previous !== null && until !== null && until > now ? box.open(previous) : undefined;
  return old === undefined ? [current] : [current, old];
}

function unsigned(url: string, at: Date): Posted {
  const error = "The signing secret was stored under another server's secret. Rotate it.";
  const none = { isDelivered: false, isInterrupted: false, status: undefined, retryAfter: null };
  return { ...none, at, url, durationMs: 0, body: '', error };
}
