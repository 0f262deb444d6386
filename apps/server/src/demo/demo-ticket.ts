import type { TicketPriority, TicketStatus } from '@parley/contract/tickets';
import { receiveMessage } from '#features/messages/messages.receive.service.ts';
import { replyToTicket } from '#features/messages/tickets.reply.service.ts';
import { createTicket, type TicketOrigin } from '#features/ticket-intake/tickets.create.service.ts';
import { lockTicket } from '#features/tickets/tickets.service.ts';
import { updateTicket } from '#features/tickets/tickets.update.service.ts';
import type { Actor, Project } from '#platform/actor.ts';
import { formatInstant } from '#platform/instant.ts';
import type { UnitOfWork, Uow } from '#platform/unit-of-work.ts';
import type { DemoStory } from './demo-content.ts';

export interface DemoTicket {
  story: DemoStory;
  /** How many of the story's lines were written so far. */
  lines: number;
  origin: TicketOrigin;
  customer: { distinctId: string; name: string; email: string };
  startedAt: Date;
  minutesBetween: number;
  status: TicketStatus;
  priority: TicketPriority | null;
  assignee: object | null;
  slaDueAt: Date | null;
  snoozedUntil: Date | null;
}

const SYSTEM: Actor = { kind: 'system' };
const MINUTE = 60_000;

/** Writes one conversation as it would have happened, through the services that the API uses. */
export async function writeTicket(
  unitOfWork: UnitOfWork,
  project: Project,
  staff: Actor,
  ticket: DemoTicket,
): Promise<void> {
  await unitOfWork.run(SYSTEM, async (uow) => {
    const { story, customer } = ticket;
    let at = ticket.startedAt;
    const by = (actor: Actor): Uow => ({ ...uow, actor, now: at });
    const { id } = await createTicket(
      by(SYSTEM),
      project,
      {
        distinct_id: customer.distinctId,
        message: story.lines[0],
        anonymous_traits: { name: customer.name, email: customer.email },
        email_subject: story.subject,
        tags: [...story.tags],
      },
      ticket.origin,
    );
    for (const [index, line] of story.lines.slice(1, ticket.lines).entries()) {
      at = new Date(at.getTime() + ticket.minutesBetween * MINUTE);
      const locked = await lockTicket(by(SYSTEM), project, id);
      if (index % 2 === 0) await replyToTicket(by(staff), project, locked, { message: line });
      else await receiveMessage(by(SYSTEM), project, locked, line);
    }
    if (story.note) {
      at = new Date(at.getTime() + 5 * MINUTE);
      await replyToTicket(by(staff), project, await lockTicket(by(staff), project, id), {
        message: story.note,
        is_private: true,
      });
    }
    at = new Date(at.getTime() + MINUTE);
    await updateTicket(by(staff), project, await lockTicket(by(staff), project, id), {
      status: ticket.status,
      priority: ticket.priority,
      assignee: ticket.assignee,
      sla_due_at: ticket.slaDueAt && formatInstant(ticket.slaDueAt),
      snoozed_until: ticket.snoozedUntil && formatInstant(ticket.snoozedUntil),
    });
  });
}
