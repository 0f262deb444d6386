import type { AccessLevel } from '@parley/contract/route';
import { fixedStatement } from '@parley/db/fixed-statement';
import { type RawBuilder, sql } from 'kysely';
import { hasUnreadNotifications } from '#features/notifications/notifications.sql.ts';
import { isUnreadBy } from '#features/unread-marks/unread-marks.sql.ts';
import { type Project, userOf } from '#platform/actor.ts';
import { notFound } from '#platform/api-error.ts';
import { RawJson } from '#platform/http/call.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { parseTicketRef } from './tickets.repo.ts';
import { selectTicketJson } from './tickets.sql.ts';

export interface ShownTicket {
  json: string;
  unread_team_count: number;
  /** Something of it is unread for the caller: messages, or what they were told of it. */
  unread_by_user: boolean;
}

type Asked<Ref> = [projectId: number, ref: Ref, userId: number | null, access: AccessLevel];

function selectShown<Ref>(condition: (ref: RawBuilder<Ref>) => RawBuilder<unknown>) {
  return fixedStatement<ShownTicket, Asked<Ref>>(
    (projectId, ref, userId, access) => sql`
      select json, t.unread_team_count,
        (${isUnreadBy(userId)} or ${hasUnreadNotifications(userId)}) as unread_by_user
      from (select t.* from tickets t
        where t.project_id = ${projectId} and ${condition(ref)} and t.deleted_at is null) t
      cross join lateral (${selectTicketJson(sql`(select t.*) t`, access)}) shown`,
  );
}

const selectById = selectShown<string>((id) => sql`t.id = ${id}`);
const selectByNumber = selectShown<number>((number) => sql`t.ticket_number = ${number}`);

/** The ticket as JSON, with what is unread about it, in one statement. 404 when there is none. */
export async function readTicketJson(
  context: ReadContext,
  project: Project,
  idOrNumber: string,
): Promise<ShownTicket> {
  const ref = parseTicketRef(idOrNumber);
  if (!ref) throw notFound();
  const userId = userOf(context.actor)?.id ?? null;
  const { access } = project;
  const rows =
    'id' in ref
      ? await selectById(context.tx, project.id, ref.id, userId, access)
      : await selectByNumber(context.tx, project.id, ref.number, userId, access);
  if (!rows[0]) throw notFound();
  return rows[0];
}

/** The ticket a path names, as JSON; 404 otherwise. */
export async function showTicket(
  context: ReadContext,
  project: Project,
  idOrNumber: string,
): Promise<RawJson> {
  return new RawJson((await readTicketJson(context, project, idOrNumber)).json);
}
