import { SCOPES } from '@parley/contract/route';
import type { Database } from '@parley/db/database';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '#platform/actor.ts';
import type { Clock } from '#platform/clock.ts';
import type { Identities } from '#platform/http/admit.ts';
import { hashToken, isUuid } from '#platform/ids.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import { readServiceToken } from '#platform/service-token.ts';
import { toActorUser } from './acting-user.service.ts';
import * as repo from './identities.repo.ts';
import { findProjectOfService, findPublicToken, findSecret } from './programs.repo.ts';
import { checkerOf } from './signatures.ts';

export interface IdentitiesParts {
  database: Database;
  clock: Clock;
  /** What services sign their tokens with; without one no token of theirs is good. */
  serviceSecret?: string | undefined;
  /** Opens the secrets that customers' ids are signed with; without it no signature is good. */
  secretBox?: SecretBox;
  /** Reads the session cookie of a request; without it there are keys only. */
  sessions?: { find(request: FastifyRequest): Promise<Actor | undefined> };
}

const TOUCH_EVERY_MS = 60_000;
const PROJECT_ID = /^[1-9]\d{0,9}$/;
const MAX_INTEGER = 2 ** 31 - 1;

/** Finds the person and the project behind a request. Runs outside any unit of work. */
export function createIdentities(parts: IdentitiesParts): Identities {
  const { database, clock, sessions, serviceSecret, secretBox } = parts;
  const db = database.kysely;

  /** Notes that a key was used. Nobody waits for it, and a failure only leaves the note out. */
  function touch(row: repo.KeyRow): void {
    const now = clock.now();
    const before = new Date(now.getTime() - TOUCH_EVERY_MS);
    if (row.last_used_at !== null && row.last_used_at > before) return;
    setImmediate(() => void repo.touchKey(db, row.key_id, now, before).catch(() => {}));
  }

  return {
    async byKey(key, projectRef) {
      const row = await repo.findKey(db, hashToken(key), parseRef(projectRef));
      if (!row) return undefined;
      touch(row);
      return { actor: toActor(row), project: repo.toProject(row) };
    },
    async bySecret(token) {
      const found = await findSecret(db, hashToken(token));
      if (!found) return undefined;
      const { secretId, scopes, project } = found;
      return { actor: { kind: 'secret', secretId, scopes }, project };
    },
    async byServiceToken(token, projectRef) {
      const claims =
        serviceSecret === undefined ? undefined : await readServiceToken(serviceSecret, token, clock.now());
      if (!claims || claims.projectId !== parseRef(projectRef)) return undefined;
      const project = await findProjectOfService(db, claims.projectId);
      return project && { actor: { kind: 'service', name: claims.name, ticketId: claims.ticketId }, project };
    },
    async byPublicToken(token) {
      const found = await findPublicToken(db, token);
      if (!found) return undefined;
      return {
        actor: { kind: 'page', hasSigned: checkerOf(secretBox, found.identitySecrets) },
        project: found.project,
      };
    },
    bySession: async (request) => sessions?.find(request),
    async project(userId, ref) {
      const parsed = parseRef(ref);
      const row = parsed === undefined ? undefined : await repo.findProject(db, userId, parsed);
      return row && repo.toProject(row);
    },
    async organization(userId, id) {
      if (!isUuid(id)) return undefined;
      const row = await repo.findOrganization(db, userId, id);
      return row && { id: row.id, name: row.name, isAiApproved: row.is_ai_approved, level: row.level };
    },
  };
}

/** Undefined when the text names no project at all. */
function parseRef(ref: string | undefined): repo.ProjectRef | undefined {
  if (ref === '@current') return ref;
  const id = PROJECT_ID.test(ref ?? '') ? Number(ref) : 0;
  return id > 0 && id <= MAX_INTEGER ? id : undefined;
}

function toActor(row: repo.KeyRow): Actor {
  return {
    kind: 'key',
    keyId: row.key_id,
    // A scope that was withdrawn from the list grants nothing.
    scopes: SCOPES.filter((scope) => row.scopes.includes(scope)),
    projectIds: row.project_ids,
    user: toActorUser({ ...row, id: row.user_id }),
  };
}
