import { describe, expect, it } from 'vitest';
import { findTenancyViolations } from './tenancy.ts';

describe('a statement that stays in its project', () => {
  it.each([
    'select 1',
    "select 'from tickets' as text, $$ from tickets $$ as more -- from tickets",
    'select * from users where id = $1',
    'select * from tickets where project_id = $1',
    'select * from "tickets" where "project_id" = $1 and "id" = $2',
    'select * from public.tickets t where $1::integer = t.project_id',
    'select * from tickets as t where (t.project_id = $1 and (t.status = $2 or t.status = $3))',
    'select * from tickets t where t.sla_due_at between $2 and $3 and t.project_id = $1',
    'select * from tickets t where t.project_id = 1 and t.status is distinct from $2',
    'select t.* from tickets t join messages m on m.project_id = t.project_id and m.ticket_id = t.id where t.project_id = $1',
    'select t.* from tickets t, messages m where m.project_id = t.project_id and t.project_id = $1',
    'select * from tickets t left join email_configs e on e.project_id = t.project_id where t.project_id = $1',
    'select * from tickets t join messages m using (project_id) where t.project_id = $1',
    'select * from tickets t where t.project_id = $1 and exists (select from messages m where m.project_id = t.project_id)',
    'select * from (select * from tickets t where t.project_id = $1 limit 5) t join messages m on m.project_id = t.project_id',
    'select * from tickets where project_id = $1 union all select * from tickets where project_id = $2',
    'with few as (select project_id from tickets where project_id = $1) select * from few join messages m on m.project_id = few.project_id',
    'select (select count(*) from tickets t where t.project_id = $1) as n',
    'select * from tickets t where t.project_id = $1 and t.id = any(array(select m.ticket_id from messages m where m.project_id = $1))',
    'select * from tickets where project_id = $1 for update skip locked',
    'insert into tickets (project_id, id) values ($1, $2)',
    'insert into tickets as t (id, project_id) select $1, $2 on conflict (project_id, id) do update set id = excluded.id',
    'insert into "tags" ("project_id", "name") values ($1, $2) returning "name"',
    'update tickets t set status = $1 where t.project_id = $2',
    'update tickets set status = x.status from (select 1) as x where project_id = $1',
    'delete from tags g where g.project_id = $1 and not exists (select from tickets t where t.project_id = g.project_id)',
    'delete from tags using tickets t where tags.project_id = t.project_id and t.project_id = $1',
    'select * from projects p join tickets t on t.project_id = p.id where p.token = $1',
    'select * from memberships m join projects p on p.organization_id = m.organization_id left join project_access a on a.project_id = p.id where m.user_id = $1',
    '/* system: tickets.wake */ select * from tickets where snoozed_until < now()',
    'select * from projects',
    "select * from pgboss.job where name = 'tickets'",
  ])('%s', (sql) => {
    expect(findTenancyViolations(sql)).toEqual([]);
  });
});

describe('a statement that does not is found out', () => {
  it.each([
    'select * from tickets',
    'select * from "tickets" where "id" = $1',
    'select * from tickets where project_id > $1',
    'select * from tickets where project_id = any($1)',
    'select * from tickets where project_id in (select id from projects)',
    'select * from tickets where not project_id = $1',
    'select * from tickets where project_id = $1 or status = $2',
    'select * from tickets where (project_id = $1 or true)',
    'select * from tickets where id = $1 -- and project_id = $2',
    'select * from tickets where id = $1 /* and project_id = $2 */',
    "select * from tickets where email_subject = 'project_id = $1'",
    'select * from tickets where project_id = project_id',
    'select * from tickets t where t.project_id = t.project_id',
    'select * from tickets t where t.project_id + 0 = $1 - t.id',
    'select * from tickets t join messages m on m.ticket_id = t.id where t.project_id = $1',
    'select * from tickets t join messages m on m.project_id = t.project_id',
    'select * from tickets t, messages m where t.project_id = $1',
    'select * from tickets t left join messages m on t.project_id = $1 and m.project_id = t.project_id',
    'select * from tickets t left join users u on t.project_id = $1',
    'select * from users u left join tickets t on true where t.id = $1',
    'select * from tickets t full join messages m on m.project_id = t.project_id where t.project_id = $1',
    'select * from tickets t where t.project_id = $1 and exists (select from messages m where m.ticket_id = t.id)',
    'select * from tickets where project_id = $1 union all select * from tickets',
    'select (select count(*) from tickets) as n',
    'select count(*) filter (where exists (select from tickets)) from users',
    'with tickets as (select * from tickets) select * from tickets where project_id = $1',
    'with few as (delete from tags returning *) select * from few',
    'with few as (select * from tickets where project_id = $1) select * from few join messages m on m.ticket_id = few.id',
    'select * from users where exists (with x as (select * from persons) select from x)',
    'select * from tickets t join unnest($1::int[]) as p(project_id) on p.project_id = t.project_id',
    'select * from tickets t join users u on u.current_project_id = t.project_id',
    'select * from projects p join tickets t on t.project_id = p.id',
    'select * from projects p join tickets t on t.project_id = p.id where p.name = $1',
    'insert into tickets (id) values ($1)',
    'insert into tickets select * from tickets t where t.project_id = $1',
    'insert into tickets (project_id, id) select project_id, id from messages',
    'update tickets set status = $1',
    'update tickets set project_id = $1 where id = $2',
    'update tickets t set status = m.content from messages m where t.project_id = $1',
    'delete from tickets',
    'delete from tags using tickets t where t.project_id = $1',
    'truncate tickets',
    'lock table tickets in share mode',
    'merge into tickets t using messages m on t.project_id = $1 when matched then delete',
    '/* system: something.else */ select * from tickets where project_id = $1',
    '/* system tickets.wake */ select * from tickets',
  ])('%s', (sql) => {
    expect(findTenancyViolations(sql)).not.toEqual([]);
  });

  it('says which table, under which name', () => {
    expect(findTenancyViolations('select * from tickets t')).toEqual([
      'tickets (as t) is not bound by project_id',
    ]);
  });

  it('does not pass over what it can not read', () => {
    expect(() => findTenancyViolations('select * from tickets where (project_id = $1')).toThrow();
    expect(() =>
      findTenancyViolations("select * from tickets where project_id = $1 and x = 'open"),
    ).toThrow();
  });
});
