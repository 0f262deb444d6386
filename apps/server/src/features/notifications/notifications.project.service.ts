import type { FeedKind } from '@parley/contract/notifications';
import { notificationChoices } from '#features/preferences/preferences.service.ts';
import { eachAlone } from '#platform/each-alone.ts';
import { newId } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import * as audience from './notifications.audience.repo.ts';
import * as repo from './notifications.repo.ts';
import { type Surroundings, type Wanted, wantedOf } from './notifications.wanted.ts';

/** Event numbers looked at in one transaction. */
const BATCH = 500;
const PROJECTS = 100;
/** A mention points to a note of its own; of everything else the newest stands for all. */
const GROUPED: readonly FeedKind[] = [
  'assigned',
  'customer_replied',
  'note_added',
  'sla_at_risk',
  'sla_breached',
  'new_ticket',
];

type Run = <T>(work: (uow: Uow) => Promise<T>) => Promise<T>;

/**
 * Tells whom it concerns of the events since the last time, project by project. Answers whether there is more. What is
 * wrong with one project does not keep the others waiting: it is tried again, and told of at the end.
 */
export async function projectNotifications(run: Run): Promise<boolean> {
  const behind = await run((uow) => repo.findBehind(uow.tx, PROJECTS));
  const projectOne = (projectId: number) => run((uow) => projectBatch(uow, projectId));
  const more = await eachAlone(behind, projectOne, () => 'Notifications of some projects were not made.');
  return more.includes(true);
}

/**
 * The events after a project's cursor, and the cursor, in one transaction: nobody misses one or is told twice, also when
 * a process dies. The cursor's lock makes one at a time.
 */
async function projectBatch(uow: Uow, projectId: number): Promise<boolean> {
  const cursor = await repo.lockCursor(uow.tx, projectId);
  if (cursor === undefined) return false;
  // Read first: every event up to this number is there to be read, or was removed with age.
  const last = await repo.findLastSeq(uow.tx, projectId);
  const upTo = Math.min(last, cursor + BATCH);
  const events = await repo.findEvents(uow.tx, projectId, { after: cursor, upTo });
  const around = await lookAround(uow, projectId, events);
  const wanted = events.flatMap((event) => wantedOf(event, around));
  const welcome = await keepWelcome(uow, projectId, wanted);
  await store(uow, projectId, welcome);
  await repo.moveCursor(uow.tx, projectId, upTo);
  return upTo < last;
}

async function lookAround(
  uow: Uow,
  projectId: number,
  events: readonly repo.FeedEvent[],
): Promise<Surroundings> {
  if (events.length === 0)
    return { audiences: new Map(), roleMembers: new Map(), answers: new Set(), everybody: [] };
  const ticketIds = [...new Set(events.map((event) => event.ticket_id))];
  const audiences = await audience.findAudiences(uow.tx, projectId, ticketIds);
  const roles = events.flatMap((event) =>
    event.assignee_type === 'role' && event.assignee_id !== null ? [event.assignee_id] : [],
  );
  const members = await audience.findRoleMembers(uow.tx, [...new Set(roles)]);
  const received = events.flatMap(({ name, message_id }) =>
    name === 'messages.receive' && message_id !== null ? [message_id] : [],
  );
  const isForAll = events.some(({ name }) => name === 'tickets.create');
  return {
    audiences: new Map(audiences.map((one) => [one.ticket_id, one])),
    roleMembers: new Map(
      [...Map.groupBy(members, ({ role_id }) => role_id)].map(([id, of]) => [
        id,
        of.map(({ user_id }) => user_id),
      ]),
    ),
    answers: await audience.findAnswers(uow.tx, projectId, received),
    everybody: isForAll ? await findWatchers(uow, projectId) : [],
  };
}

/** Who wants to hear of every new ticket: asked first, because hardly anybody does. */
async function findWatchers(uow: Uow, projectId: number): Promise<number[]> {
  const readers = await audience.findReaders(uow.tx, projectId);
  const choices = await notificationChoices(uow, readers);
  return readers.filter((id) => choices.get(id)?.new_ticket.in_app);
}

/** Without those who may not see the project, do not want to hear of it, or have read the message already. */
async function keepWelcome(uow: Uow, projectId: number, wanted: readonly Wanted[]): Promise<Wanted[]> {
  if (wanted.length === 0) return [];
  const userIds = [...new Set(wanted.map(({ userId }) => userId))];
  const readers = new Set(await audience.findReaders(uow.tx, projectId, userIds));
  const choices = await notificationChoices(uow, [...readers]);
  const replies = wanted.filter(({ kind }) => kind === 'customer_replied');
  const read = await audience.findReadMessages(
    uow.tx,
    projectId,
    replies.flatMap(({ messageId }) => messageId ?? []),
    [...readers],
  );
  const seen = new Set(read.map(({ message_id, user_id }) => `${message_id} ${user_id}`));
  return wanted.filter(({ userId, kind, messageId }) => {
    // A note among colleagues is as much news of the conversation as an answer, and has no choice of its own.
    const choice = choices.get(userId)?.[kind === 'note_added' ? 'customer_replied' : kind];
    return readers.has(userId) && choice?.in_app === true && !seen.has(`${messageId} ${userId}`);
  });
}

const groupOf = (one: { user_id: number; ticket_id: string; kind: string }) =>
  `${one.user_id} ${one.ticket_id} ${one.kind}`;

/** New rows; what is unread of the same kind on the same ticket takes more of it instead. */
async function store(uow: Uow, projectId: number, wanted: readonly Wanted[]): Promise<void> {
  if (wanted.length === 0) return;
  const rows = group(projectId, wanted);
  const ticketIds = [...new Set(rows.map((row) => row.ticket_id))];
  const userIds = [...new Set(rows.map((row) => row.user_id))];
  await repo.holdTickets(uow.tx, projectId, ticketIds);
  const open = await repo.lockOpen(uow.tx, projectId, { ticketIds, userIds, kinds: GROUPED });
  // The newest of a group, when its user has marked older ones as unread again.
  const byGroup = new Map(open.map((row) => [groupOf(row), row.id]));
  const fresh: repo.NewNotification[] = [];
  for (const row of rows) {
    const id = row.kind === 'mentioned' ? undefined : byGroup.get(groupOf(row));
    if (id === undefined) fresh.push(row);
    else await repo.addTo(uow.tx, id, row);
  }
  await repo.insertMany(uow.tx, fresh);
  uow.signal({ projectId, userIds, name: 'notifications.create' });
}

/** One row for what happens several times in a batch. */
function group(projectId: number, wanted: readonly Wanted[]): repo.NewNotification[] {
  const rows = new Map<string, repo.NewNotification>();
  for (const { userId, kind, ticketId, messageId, actorType, actorUserId, seq, at } of wanted) {
    const row = { project_id: projectId, user_id: userId, kind, ticket_id: ticketId };
    const newest = {
      message_id: messageId,
      actor_type: actorType,
      actor_user_id: actorUserId,
      seq,
      updated_at: at,
    };
    const key = kind === 'mentioned' ? `${seq} ${userId}` : groupOf(row);
    const before = rows.get(key);
    // Numbers follow the commits, which need not follow the clocks.
    const updated_at = before && before.updated_at > at ? before.updated_at : at;
    if (before) rows.set(key, { ...before, ...newest, updated_at, count: before.count + 1 });
    else rows.set(key, { ...row, ...newest, id: newId(), count: 1, created_at: at });
  }
  return [...rows.values()];
}
