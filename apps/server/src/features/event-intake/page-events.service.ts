import { sql } from 'kysely';
import { findTicket } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { listSessionEvents } from './page-events.repo.ts';

const AROUND_MS = 5 * 60_000;
const MOST = 10;

/** The exceptions of a session within five minutes of an instant, newest first (inbox.md 13.5). */
export async function listExceptionsAround(
  { tx }: Pick<ReadContext, 'tx'>,
  projectId: number,
  sessionId: string | null,
  at: Date,
): Promise<{ title: string; url: string | null }[]> {
  if (sessionId === null) return [];
  const [from, to] = [-AROUND_MS, AROUND_MS].map((ms) => new Date(at.getTime() + ms));
  const { rows } = await sql<{ title: string; url: string | null }>`
    select e.title, e.url from page_events e
    where e.project_id = ${projectId} and e.session_id = ${sessionId} and e.kind = 'exception'
      and e.created_at between ${from} and ${to}
    order by e.id desc limit ${MOST}`.execute(tx);
  return rows;
}

/** The last events of a ticket's session as JSON, newest first; none for a ticket without one. */
export async function listPageEvents(
  context: ReadContext,
  project: Project,
  idOrNumber: string,
  page: { limit: number; offset: number },
): Promise<{ count: number; json: string[] }> {
  const { session_id: session } = await findTicket(context, project, idOrNumber);
  return session ? listSessionEvents(context, project.id, session, page) : { count: 0, json: [] };
}
