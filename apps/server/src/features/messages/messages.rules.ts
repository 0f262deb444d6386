import type { TicketRow } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';

export interface RuleOutcome {
  status: TicketRow['status'];
  snoozedUntil: Date | null;
}

/** A rule is on unless the project switched it off (decisions.md 20). */
function isRuleOn(project: Project, name: 'reply_opens_new' | 'customer_reopens'): boolean {
  const rules = project.settings.status_rules;
  return typeof rules !== 'object' || rules === null || (rules as Record<string, unknown>)[name] !== false;
}

const DAY_MS = 24 * 3_600_000;

/** How long after a ticket was resolved a customer's message opens another one; undefined for never, the default. */
export function followUpAfterMs(project: Project): number | undefined {
  const rules = project.settings.status_rules;
  if (typeof rules !== 'object' || rules === null || !('follow_up_after_days' in rules)) return undefined;
  const days = rules.follow_up_after_days;
  return typeof days === 'number' && days > 0 ? days * DAY_MS : undefined;
}

/** The first public reply of the team opens a new ticket. */
export function afterTeamReply(project: Project, ticket: TicketRow): RuleOutcome {
  const opens = ticket.status === 'new' && isRuleOn(project, 'reply_opens_new');
  return { status: opens ? 'open' : ticket.status, snoozedUntil: ticket.snoozed_until };
}

/** A customer's message opens what was waiting or done, and ends a snooze. */
export function afterCustomerMessage(project: Project, ticket: TicketRow): RuleOutcome {
  if (!isRuleOn(project, 'customer_reopens'))
    return { status: ticket.status, snoozedUntil: ticket.snoozed_until };
  return { status: ticket.status === 'new' ? 'new' : 'open', snoozedUntil: null };
}
