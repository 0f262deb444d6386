import { persons } from '@parley/contract/persons';
import type { Binder } from '#platform/http/binder.ts';
import { Answer } from '#platform/http/call.ts';
import { listPersons } from './persons.list.ts';
import { showPerson } from './persons.retrieve.ts';
import { upsertPerson } from './persons.service.ts';

export function bindPersonRoutes(binder: Binder): void {
  binder.read(persons.list, (context, { project, query, url }) => listPersons(context, project, query, url));
  binder.write(persons.upsert, async (uow, { project, body }) => {
    const { id, created } = await upsertPerson(uow, project.id, body);
    return new Answer(created ? 201 : 200, await showPerson(uow, project, id));
  });
  binder.read(persons.retrieve, (context, { project, params }) => showPerson(context, project, params.id));
}
