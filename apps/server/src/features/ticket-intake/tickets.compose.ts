import { createHash } from 'node:crypto';
import type { ComposeBody } from '@parley/contract/messages';
import { sql } from 'kysely';
import { recordActivities } from '#features/activities/activities.service.ts';
import { findUsableEmailConfig } from '#features/email-configs/email-configs.service.ts';
import { messageSent } from '#features/messages/messages.events.ts';
import { storeMessage } from '#features/messages/messages.store.service.ts';
import { checkRichContent } from '#features/messages/rich-content.service.ts';
import { isEmailOn, queueEmail } from '#features/outbox/outbox.service.ts';
import { addToVocabulary, normalizeTags } from '#features/tags/tags.service.ts';
import { ticketEvent } from '#features/tickets/tickets.events.ts';
import { insertTicket } from '#features/tickets/tickets.insert.service.ts';
import { requireSupport } from '#features/tickets/tickets.service.ts';
import { type Project, requireUser } from '#platform/actor.ts';
import { ApiError, invalid } from '#platform/api-error.ts';
import { tryClaim } from '#platform/claim.ts';
import { Answer } from '#platform/http/call.ts';
import { newId } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';

/** How long an identical request counts as the same ticket (tickets-api.md 2.11). */
const REPLAY_MS = 120_000;

/** Starts a ticket by writing to a customer. 201, or 200 with the ticket of an identical request a moment ago. */
export async function composeTicket(uow: Uow, project: Project, body: ComposeBody): Promise<Answer> {
  const richContent = checkRichContent(body.rich_content);
  const content = body.message.trim();
  checkChannel(project);
  const config = await findUsableEmailConfig(uow, project.id, body.email_config_id);
  if (!config)
    throw invalid('email_config_id', 'There is no verified e-mail channel with this id.', 'does_not_exist');
  const distinctId = await resolveRecipient(uow, project, body);
  const fingerprint = fingerprintOf(uow, body, content);
  if (!(await tryClaim(uow, `compose:${project.id}:${fingerprint}`))) {
    throw new ApiError('compose_in_progress', 'An identical ticket is being created right now.', {
      errorType: true,
    });
  }
  const twin = await findTwin(uow, project, fingerprint);
  if (twin) return new Answer(200, twin);
  const tags = normalizeTags(body.tags ?? []);
  await addToVocabulary(uow, project.id, tags);
  const ticket = await insertTicket(uow, project, {
    project_id: project.id,
    id: newId(),
    channel_source: 'email',
    channel_detail: null,
    distinct_id: distinctId,
    status: 'open',
    anonymous_traits: JSON.stringify({ email: body.recipient_email }),
    email_subject: body.email_subject ?? '',
    email_from: body.recipient_email,
    email_config_id: config.id,
    tags,
    created_at: uow.now,
    updated_at: uow.now,
  });
  const { id, ticket_number } = ticket;
  await recordActivities(uow, [
    { projectId: project.id, ticketId: id, ticketNumber: ticket_number, activity: 'created' },
  ]);
  uow.emit(ticketEvent('tickets.create', ticket));
  const message = await storeMessage(uow, ticket, {
    content,
    richContent,
    itemContext: { author_type: 'human', is_private: false, compose_fingerprint: fingerprint },
    authorUserId: requireUser(uow.actor).id,
  });
  uow.emit(messageSent(message.ticket, { id: message.id, content }, uow.now));
  await queueEmail(uow, message.ticket, body.recipient_email, { id: message.id, content, richContent });
  return new Answer(201, { id, ticket_number });
}

function checkChannel(project: Project): void {
  requireSupport(project);
  if (!isEmailOn(project))
    throw new ApiError('email_disabled', 'The e-mail channel is not enabled for this project.');
}

/** The person's distinct id. A person on file with another address is a mistake worth refusing. */
async function resolveRecipient(uow: Uow, project: Project, body: ComposeBody): Promise<string> {
  const { recipient_email: email, recipient_distinct_id: distinctId } = body;
  if (!distinctId) {
    const { rows } = await sql<{ distinct_id: string }>`
      select d.distinct_id from persons p
      join person_distinct_ids d on d.project_id = p.project_id and d.person_id = p.id
      where p.project_id = ${project.id} and lower(p.properties ->> 'email') = lower(${email})
      order by p.created_at, d.created_at, d.distinct_id limit 1`.execute(uow.tx);
    return rows[0]?.distinct_id ?? email;
  }
  const { rows } = await sql<{ email: string | null }>`
    select p.properties ->> 'email' as email from person_distinct_ids d
    join persons p on p.project_id = d.project_id and p.id = d.person_id
    where d.project_id = ${project.id} and d.distinct_id = ${distinctId}`.execute(uow.tx);
  const known = rows[0]?.email;
  if (known && known.toLowerCase() !== email.toLowerCase()) {
    throw invalid('recipient_email', 'The address does not match the one on file for this person.');
  }
  return distinctId;
}

function fingerprintOf(uow: Uow, body: ComposeBody, content: string): string {
  const {
    recipient_email,
    recipient_distinct_id = '',
    email_subject = '',
    email_config_id,
    rich_content = null,
    tags = [],
  } = body;
  const parts = [
    requireUser(uow.actor).id,
    recipient_email.toLowerCase(),
    recipient_distinct_id,
    email_subject,
  ];
  return createHash('sha256')
    .update(JSON.stringify([...parts, email_config_id, content, rich_content, tags]))
    .digest('hex');
}

/** The ticket an identical request made within the replay window, as long as its first message stands. */
async function findTwin(
  uow: Uow,
  project: Project,
  fingerprint: string,
): Promise<{ id: string; ticket_number: number } | undefined> {
  const { rows } = await sql<{ id: string; ticket_number: number }>`
    select t.id, t.ticket_number from tickets t
    join messages m on m.project_id = t.project_id and m.ticket_id = t.id
    where t.project_id = ${project.id} and t.deleted_at is null
      and t.created_at > ${new Date(uow.now.getTime() - REPLAY_MS)} and t.channel_source = 'email'
      and m.item_context ->> 'compose_fingerprint' = ${fingerprint} and m.deleted_at is null and m.version = 0
    order by t.created_at limit 1`.execute(uow.tx);
  return rows[0];
}
