import type { FeedKind } from '@parley/contract/notifications';
import type { Audience } from './notifications.audience.repo.ts';
import type { FeedEvent } from './notifications.repo.ts';

/** That somebody is to be told of an event. */
export interface Wanted {
  userId: number;
  kind: FeedKind;
  ticketId: string;
  messageId: string | null;
  actorType: string;
  actorUserId: number | null;
  seq: number;
  at: Date;
}

/** What is known about the events of a batch. */
export interface Surroundings {
  audiences: ReadonlyMap<string, Audience>;
  /** Members by role, for events that name a role. */
  roleMembers: ReadonlyMap<string, readonly number[]>;
  /** Messages of customers that did not open their ticket. */
  answers: ReadonlySet<string>;
  /** Everybody who may see the project. Empty when no event is for all. */
  everybody: readonly number[];
}

type Recipients = readonly (readonly [FeedKind, readonly number[]])[];

const SLA_KINDS = { 'tickets.sla_at_risk': 'sla_at_risk', 'tickets.sla_breached': 'sla_breached' } as const;

function assigneesOf({ assignee_user_id: user, role_user_ids: role }: Audience): readonly number[] {
  return user === null ? role : [user];
}

/** Whom an assignment in an event names: a user, or the members of a role. */
function assignedBy(event: FeedEvent, { roleMembers }: Surroundings): readonly number[] {
  const { assignee_type: type, assignee_id: id } = event;
  if (id === null) return [];
  if (type === 'role') return roleMembers.get(id) ?? [];
  return type === 'user' && /^\d{1,10}$/.test(id) ? [Number(id)] : [];
}

function mentionedBy({ new_mentions: ids }: FeedEvent): readonly number[] {
  return Array.isArray(ids) ? ids.filter((id): id is number => Number.isInteger(id)) : [];
}

/** Whom an event concerns, the most telling kind first. */
function recipientsOf(event: FeedEvent, audience: Audience, around: Surroundings): Recipients {
  const concerned = [...assigneesOf(audience), ...audience.follower_ids];
  switch (event.name) {
    case 'tickets.create':
      return [
        ['assigned', assignedBy(event, around)],
        ['new_ticket', around.everybody],
      ];
    case 'tickets.assign':
      return [['assigned', assignedBy(event, around)]];
    case 'notes.create':
      return [
        ['mentioned', mentionedBy(event)],
        ['note_added', concerned],
      ];
    case 'notes.update':
      return [['mentioned', mentionedBy(event)]];
    case 'messages.receive':
      return around.answers.has(event.message_id ?? '') ? [['customer_replied', concerned]] : [];
    case 'tickets.sla_at_risk':
    case 'tickets.sla_breached': {
      const assignees = assigneesOf(audience);
      return [[SLA_KINDS[event.name], assignees.length > 0 ? assignees : audience.follower_ids]];
    }
  }
}

/** Each once per event, and nobody for what they did themselves. Who may hear of it is asked later. */
export function wantedOf(event: FeedEvent, around: Surroundings): Wanted[] {
  const audience = around.audiences.get(event.ticket_id);
  if (!audience) return [];
  const actor = actorOf(event);
  const { actorUserId } = actor;
  const told = new Set(actorUserId === null ? [] : [actorUserId]);
  const { ticket_id: ticketId, message_id: messageId, seq, created_at: at } = event;
  const wanted: Wanted[] = [];
  for (const [kind, userIds] of recipientsOf(event, audience, around)) {
    for (const userId of userIds) {
      if (told.has(userId)) continue;
      told.add(userId);
      wanted.push({ userId, kind, ticketId, messageId, ...actor, seq, at });
    }
  }
  return wanted;
}

function actorOf({
  name,
  actor_type: type,
  actor_id: id,
}: FeedEvent): Pick<Wanted, 'actorType' | 'actorUserId'> {
  // Whoever's key brought it in, it is the customer who wrote it.
  if (name === 'messages.receive') return { actorType: 'customer', actorUserId: null };
  return { actorType: type, actorUserId: type === 'user' && id !== null ? Number(id) : null };
}
