import { TICKET_PRIORITIES, TICKET_STATUSES } from '@parley/contract/tickets';
import type { TicketOrigin } from '#features/ticket-intake/tickets.create.service.ts';
import { STORIES } from './demo-content.ts';
import type { DemoRandom } from './demo-random.ts';
import type { DemoTicket } from './demo-ticket.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type DemoCustomer = DemoTicket['customer'];

function originOf(index: number, customer: DemoCustomer): TicketOrigin {
  switch (index % 7) {
    case 0:
    case 1:
      return {
        channel_source: 'widget',
        channel_detail: 'widget_embedded',
        session_id: `session-${index}`,
        session_context: JSON.stringify({
          current_url: 'https://app.example.com/settings/billing',
          browser: 'Firefox',
        }),
      };
    case 2:
    case 3:
      return { channel_source: 'email', channel_detail: null, email_from: customer.email };
    case 4:
      return { channel_source: 'slack', channel_detail: 'slack_channel_message' };
    case 5:
      return { channel_source: 'teams', channel_detail: 'teams_bot_mention' };
    default:
      return {
        channel_source: 'github',
        channel_detail: 'github_issue',
        github_repo: 'acme/app',
        github_issue_number: 1000 + index,
      };
  }
}

/** No SLA, breached, at risk and on track in turn. */
function slaOf(index: number, now: Date): Date | null {
  const offsets = [null, -2 * HOUR, 35 * MINUTE, 6 * HOUR];
  const offset = offsets[index % offsets.length] ?? null;
  return offset === null ? null : new Date(now.getTime() + offset + (index % 13) * MINUTE);
}

/** What the ticket with this index is like: every channel, status, priority and SLA state occurs. */
export function planTicket(
  index: number,
  random: DemoRandom,
  now: Date,
  customer: DemoCustomer,
  assignees: readonly object[],
): DemoTicket {
  const story = STORIES[index % STORIES.length] ?? STORIES[0];
  const status = TICKET_STATUSES[index % TICKET_STATUSES.length] ?? 'open';
  const isFresh = status === 'new';
  const ageDays = isFresh ? random.next() : random.next() * 28 + 0.2;
  return {
    story,
    lines: isFresh ? 1 : 1 + random.below(story.lines.length),
    origin: originOf(index, customer),
    customer,
    startedAt: new Date(now.getTime() - ageDays * DAY - HOUR),
    minutesBetween: 3 + random.below(30),
    status,
    priority: random.chance(0.3) ? null : random.pick(TICKET_PRIORITIES),
    assignee: isFresh || random.chance(0.25) ? null : (assignees[random.below(assignees.length)] ?? null),
    slaDueAt: status === 'resolved' ? null : slaOf(index, now),
    snoozedUntil:
      status === 'on_hold' && index % 2 === 0
        ? new Date(now.getTime() + (1 + random.below(72)) * HOUR)
        : null,
  };
}
