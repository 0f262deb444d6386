import { SCOPES } from '@parley/contract/route';
import type { Database } from '@parley/db/database';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '#platform/actor.ts';
import type { Clock } from '#platform/clock.ts';
import type { Identities } from '#platform/http/admit.ts';
import { hashToken, isUuid } from '#platform/ids.ts';
import * as repo from './identities.repo.ts';

export interface IdentitiesParts {
  database: Database;
  clock: Clock;
  /** Reads the session cookie of a request; without it there are keys only. */
  sessions?: { find(request: FastifyRequest): Promise<Actor | undefined> };
}

const TOUCH_EVERY_MS = 60_000;
const PROJECT_ID = /^[1-9]\d{0,9}$/;
const MAX_INTEGER = 2 ** 31 - 1;

/** Finds the person and the project behind a request. Runs outside any unit of work. */
export function createIdentities({ database, clock, sessions }: IdentitiesParts): Identities {
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
    user: {
      id: row.user_id,
      uuid: row.uuid,
      email: row.email,
      firstName: row.first_name,
      lastName: row.last_name,
    },
  };
}
