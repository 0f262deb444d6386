import { sql } from 'kysely';
import type { Condition } from './tickets.filter-sql.ts';
import type { Sought } from './tickets.filters.ts';

/** Where pg_trgm finds something to look up in every locale; other texts are looked up by pairs of characters. */
const TRIGRAM = /[a-z0-9]{3}/i;
/** A space with two characters on either side: trigrams of several common words lead to far too many texts. */
const PHRASE = /.. ../su;

/** `%` and `_` of the searcher stand for themselves. */
function likePattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

const within = (column: string, text: string) => sql`strpos(${sql.raw(column)}, lower(${text})) > 0`;

/** The ticket at hand, or one merged into it. */
type Alias = 't' | 'k';

/**
 * Whether the ticket at hand (alias t), or one merged into it, whose thread goes on in it, holds a text: in its own
 * words, in a message that is not deleted, or in the properties of the person it is shown with (decisions.md 12).
 * For tickets that were found in some other way: strpos and the limits keep every index of texts out of the plan,
 * which is worth nothing when one ticket is looked at.
 */
function holdsText(text: string, inPersons = true): Condition {
  return sql`(${ticketHolds('t', text, inPersons)} or t.merged_ticket_ids <> '{}' and coalesce((select true
    from tickets k where k.project_id = t.project_id and k.id = any(t.merged_ticket_ids)
      and ${ticketHolds('k', text, inPersons)} limit 1), false))`;
}

function ticketHolds(alias: Alias, text: string, inPersons: boolean): Condition {
  const t = sql.raw(alias);
  const own = sql`${within(`${alias}.search_text`, text)}
    or coalesce((select true from messages m where m.project_id = ${t}.project_id and m.ticket_id = ${t}.id
      and m.deleted_at is null and ${within('lower(m.content)', text)} limit 1), false)`;
  return inPersons ? sql`(${own} or ${personHolds(t, text)})` : sql`(${own})`;
}

/** The person of a ticket: by distinct id, else for e-mail tickets by the address. */
function personHolds(t: Condition, text: string): Condition {
  return sql`coalesce((select ${within('p.search_text', text)} from person_distinct_ids d
      join persons p on p.project_id = d.project_id and p.id = d.person_id
      where d.project_id = ${t}.project_id and d.distinct_id = ${t}.distinct_id limit 1), false)
    or ${t}.channel_source = 'email' and coalesce((select true from persons p
      where p.project_id = ${t}.project_id and lower(p.properties ->> 'email') = lower(${t}.email_from)
        and ${within('p.search_text', text)}
        and (select d.person_id from person_distinct_ids d
          where d.project_id = ${t}.project_id and d.distinct_id = ${t}.distinct_id) is null limit 1), false)`;
}

/** Messages of the ticket at hand that hold a text. */
export function messagesHolding(text: string): Condition {
  return sql`(select count(*) from messages m where m.project_id = t.project_id and m.ticket_id = t.id
    and m.deleted_at is null and strpos(lower(m.content), lower(${text})) > 0)`;
}

export function holdsWord({ text, excluded, inPersons }: Sought): Condition {
  const holds = holdsText(text, inPersons);
  return excluded ? sql`not ${holds}` : holds;
}

/** Whether any person of the project holds each of the texts, as an array: where none does, no ticket's has to be asked. */
export function heldByPersons(projectId: number, texts: readonly string[]): Condition {
  const held = texts.map(
    (text) => sql`exists (select from persons p
      where p.project_id = ${projectId} and ${lookedUp('p.search_text', text)})`,
  );
  return sql`array[${sql.join(held)}]`;
}

/** A condition that an index of texts answers: by trigrams, or by characters and pairs of them (0006-search.sql). */
function lookedUp(column: string, text: string): Condition {
  const words = sql.raw(column);
  if (TRIGRAM.test(text) && !PHRASE.test(text)) return sql`${words} like lower(${likePattern(text)})`;
  return sql`short_grams(${words}) @> (short_keys(lower(${text})) collate "C")
    and strpos(${words}, lower(${text})) > 0`;
}

/**
 * The parts of a `with recursive` that end in `looked`: ids of tickets that hold a text, found by the indexes of texts,
 * as rows (id, part), with those in which the threads of merged ones go on. Of each of the first four parts at most as
 * many rows as asked for; a ticket may come several times. `offset 0` has tickets looked up person by person.
 */
export function candidates(projectId: number, text: string, most: number): Condition {
  const cut = sql.raw(`limit ${Number.isFinite(most) ? Math.floor(most) : 'all'}`);
  return sql`hit (id, part) as materialized (
    (select m.ticket_id, 0 from messages m
      where m.project_id = ${projectId} and m.deleted_at is null and ${lookedUp('lower(m.content)', text)} ${cut})
    union all
    (select w.ticket_id, 1 from ticket_words w
      where w.project_id = ${projectId} and ${lookedUp('w.words', text)} ${cut})
    union all
    (select s.id, 2 from persons p
      cross join lateral (select d.distinct_id from person_distinct_ids d
        where d.project_id = ${projectId} and d.person_id = p.id offset 0) d
      cross join lateral (select s.id from tickets s
        where s.project_id = ${projectId} and s.distinct_id = d.distinct_id offset 0) s
      where p.project_id = ${projectId} and ${lookedUp('p.search_text', text)} ${cut})
    union all
    (select s.id, 3 from persons p
      cross join lateral (select s.id, s.distinct_id from tickets s
        where s.project_id = ${projectId} and lower(s.email_from) = lower(p.properties ->> 'email')
          and s.channel_source = 'email' offset 0) s
      where p.project_id = ${projectId} and ${lookedUp('p.search_text', text)}
        and (select d.person_id from person_distinct_ids d
          where d.project_id = ${projectId} and d.distinct_id = s.distinct_id) is null ${cut})
    ), onward (id) as (
      select g.target_id from (select distinct id from hit) h
      join ticket_merges g on g.project_id = ${projectId} and g.source_id = h.id
      union
      select g.target_id from onward o
      join ticket_merges g on g.project_id = ${projectId} and g.source_id = o.id
    ), looked (id, part) as not materialized (select id, part from hit union all select id, 4 from onward)`;
}
