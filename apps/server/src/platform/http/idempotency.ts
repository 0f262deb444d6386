import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { actorKey } from '#platform/actor.ts';
import { ApiError, invalid } from '#platform/api-error.ts';
import { tryClaim } from '#platform/claim.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import { Answer, RawJson } from './call.ts';

export interface IdempotentRequest {
  /** 0 where the route belongs to no project. */
  projectId: number;
  route: string;
  key: string;
  /** What must be the same when the key is sent again: path and body. */
  content: string;
  /** Encrypts the stored answer of routes that show a secret once. */
  box?: SecretBox | undefined;
}

const MAX_KEY = 255;
/** A row that is older is as good as gone; the pruning job removes it some time. */
const KEPT_MS = 24 * 3_600_000;

/** The key of a request, or undefined when it sent none. */
export function readIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = Array.isArray(header) ? header.join(',') : header;
  if (key.length < 1 || key.length > MAX_KEY) {
    throw invalid('Idempotency-Key', `An Idempotency-Key has 1 to ${MAX_KEY} characters.`);
  }
  return key;
}

/**
 * Runs a write once per key (decisions.md 18). The answer is stored in the write's own transaction: either both are
 * there or neither. Keys live 24 hours; a job removes older ones.
 */
export async function once(
  uow: Uow,
  request: IdempotentRequest,
  write: () => Promise<Answer>,
): Promise<Answer> {
  const { projectId, route, key, box } = request;
  const actor = actorKey(uow.actor);
  if (!(await tryClaim(uow, `idempotency:${projectId}:${actor}:${route}:${key}`))) {
    throw new ApiError(
      'idempotency_key_in_use',
      'A request with this Idempotency-Key is still being handled.',
    );
  }
  const earlier = await findEarlier(uow, request);
  if (earlier) return earlier;
  const answer = await write();
  const text = answer.body instanceof RawJson ? answer.body.text : JSON.stringify(answer.body ?? null);
  const response = box ? box.seal(text) : text;
  await sql`
    insert into idempotency_keys (project_id, actor, route, key, body_hash, status, response, created_at)
    values (${projectId}, ${actor}, ${route}, ${key}, ${hashOf(request)}, ${answer.status}, ${response}, ${uow.now})
    on conflict (project_id, actor, route, key) do update set body_hash = excluded.body_hash, status = excluded.status,
      response = excluded.response, created_at = excluded.created_at`.execute(uow.tx);
  return answer;
}

function hashOf({ content }: IdempotentRequest): Buffer {
  return createHash('sha256').update(content).digest();
}

/** The answer this key was given before, if it was; throws when that was for another request. */
export async function findEarlier(
  context: ReadContext,
  request: IdempotentRequest,
): Promise<Answer | undefined> {
  const { projectId, route, key, box } = request;
  const actor = actorKey(context.actor);
  const { rows } = await sql<{ body_hash: Buffer; status: number; response: string }>`
    select body_hash, status, response from idempotency_keys
    where project_id = ${projectId} and actor = ${actor} and route = ${route} and key = ${key}
      and created_at >= ${new Date(context.now.getTime() - KEPT_MS)}`.execute(context.tx);
  const earlier = rows[0];
  if (!earlier) return undefined;
  if (!Buffer.from(earlier.body_hash).equals(hashOf(request))) {
    throw new ApiError('idempotency_key_reused', 'This Idempotency-Key was used with another request.');
  }
  const response = box ? box.open(earlier.response) : earlier.response;
  if (response === undefined)
    throw new ApiError('conflict', 'The answer of this Idempotency-Key can no longer be read.');
  return new Answer(earlier.status, new RawJson(response));
}
