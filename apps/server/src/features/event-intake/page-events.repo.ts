import { fixedStatement } from '@parley/db/fixed-statement';
import { sql } from 'kysely';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import type { SessionEvent } from './page-event.ts';

/** Page views, and exceptions, that are kept of a session. */
const PER_SESSION = 100;

const selectProjects = fixedStatement<{ id: number; token: string }, [string[]]>(
  (tokens) => sql`select p.id, p.token from projects p where p.token = any(${tokens}::text[])`,
);

/** The projects of public tokens; tokens that nobody has are left out. */
export async function findProjectsByToken(
  { tx }: Pick<ReadContext, 'tx'>,
  tokens: string[],
): Promise<Map<string, number>> {
  const rows = await selectProjects(tx, tokens);
  return new Map(rows.map(({ id, token }) => [token, id]));
}

export interface Seen {
  projectId: number;
  item: SessionEvent;
}

/** Writes them, and forgets what is too much of each session. */
export async function keepSessionEvents({ tx }: Uow, seen: readonly Seen[]): Promise<void> {
  await tx
    .insertInto('page_events')
    .values(
      seen.map(({ projectId, item }) => ({
        project_id: projectId,
        session_id: item.sessionId,
        kind: item.kind,
        url: item.url,
        title: item.title,
        distinct_id: item.distinctId,
        created_at: item.occurredAt,
      })),
    )
    .execute();
  for (const projectId of new Set(seen.map((one) => one.projectId))) {
    const sessions = seen.filter((one) => one.projectId === projectId).map(({ item }) => item.sessionId);
    await sql`
      delete from page_events old using (
        select s.session_id, k.kind, (select e.id from page_events e
          where e.project_id = ${projectId} and e.session_id = s.session_id and e.kind = k.kind
          order by e.id desc offset ${PER_SESSION} limit 1) as last
        from unnest(${[...new Set(sessions)]}::text[]) as s(session_id),
          unnest(array['page_view', 'exception']) as k(kind)) cut
      where old.project_id = ${projectId} and old.session_id = cut.session_id and old.kind = cut.kind
        and old.id <= cut.last`.execute(tx);
  }
}

/** The last events of a session as JSON, newest first. */
export async function listSessionEvents(
  { tx }: Pick<ReadContext, 'tx'>,
  projectId: number,
  sessionId: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ count: number; json: string[] }> {
  const { rows } = await sql<{ count: number; json: string }>`
    select count(*) over ()::integer as count, json_build_object('kind', e.kind, 'url', e.url, 'title', e.title,
      'distinct_id', e.distinct_id, 'created_at', iso_utc(e.created_at))::text as json
    from page_events e where e.project_id = ${projectId} and e.session_id = ${sessionId}
    order by e.created_at desc, e.id desc limit ${limit} offset ${offset}`.execute(tx);
  return { count: rows[0]?.count ?? 0, json: rows.map((row) => row.json) };
}
