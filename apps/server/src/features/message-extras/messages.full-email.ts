import { sql } from 'kysely';
import { inThread } from '#features/messages/messages.sql.ts';
import { findTicket } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import { isUuid } from '#platform/ids.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';

/** The whole e-mail that a message was cut from (tickets-api.md 2.8). */
export async function showFullEmail(
  context: ReadContext,
  project: Project,
  idOrNumber: string,
  messageId: string,
): Promise<{ content: string }> {
  const ticket = await findTicket(context, project, idOrNumber);
  const { rows } = isUuid(messageId)
    ? await sql<{ full_email: string | null }>`
        select m.full_email from messages m
        where m.project_id = ${project.id} and m.id = ${messageId} and ${inThread(ticket)}
          and m.deleted_at is null`.execute(context.tx)
    : { rows: [] };
  const content = rows[0]?.full_email ?? null;
  if (content !== null) return { content };
  throw new ApiError('full_email_not_found', 'There is no full e-mail of this message.', { errorType: true });
}
