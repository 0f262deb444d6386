import type { EmailConfig, EmailConfigCreate, EmailConfigUpdate } from '@parley/contract/email-configs';
import type { PageOf } from '@parley/contract/schemas';
import type { EmailConfigsTable } from '@parley/db/schema';
import type { Selectable } from 'kysely';
import { recordAudit } from '#features/audit-log/audit-log.service.ts';
import type { Project } from '#platform/actor.ts';
import { forbidden, invalid, notFound } from '#platform/api-error.ts';
import { pageOfList } from '#platform/http/whole-list.ts';
import { isUuid, newId } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import { canVerify } from './email-configs.policy.ts';

type Row = Selectable<EmailConfigsTable>;

function present({ id, email, display_name, is_verified, created_at }: Row): EmailConfig {
  return { id, email, display_name, is_verified, created_at: formatInstant(created_at) };
}

/** The e-mail channel with this id, if it may send: its address is verified. */
export async function findUsableEmailConfig(
  context: ReadContext,
  projectId: number,
  id: string,
): Promise<{ id: string; email: string; display_name: string } | undefined> {
  return context.tx
    .selectFrom('email_configs')
    .select(['id', 'email', 'display_name'])
    .where('project_id', '=', projectId)
    .where('id', '=', id)
    .where('is_verified', '=', true)
    .executeTakeFirst();
}

/** The addresses of a project, oldest first. */
export async function listEmailConfigs(
  context: ReadContext,
  project: Project,
  call: { url: URL; query: { limit?: string; offset?: string } },
): Promise<PageOf<EmailConfig>> {
  const rows = await context.tx
    .selectFrom('email_configs')
    .selectAll()
    .where('project_id', '=', project.id)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return pageOfList(call, rows.map(present));
}

/** Adds an address, not yet verified. Addresses are kept in lower case, so that one can't be there twice. */
export async function createEmailConfig(
  uow: Uow,
  project: Project,
  { email, display_name = '' }: EmailConfigCreate,
): Promise<EmailConfig> {
  const row = await uow.tx
    .insertInto('email_configs')
    .values({
      project_id: project.id,
      id: newId(),
      email: email.toLowerCase(),
      display_name: display_name.trim(),
      created_at: uow.now,
    })
    .onConflict((conflict) => conflict.columns(['project_id', 'email']).doNothing())
    .returningAll()
    .executeTakeFirst();
  if (!row) throw invalid('email', 'This address is already there.', 'unique');
  await recordAudit(uow, project, { act: 'email_configs.create', target: asTarget(row) });
  return present(row);
}

/** Changes a name, or whether the address may send; the latter is up to managers. */
export async function updateEmailConfig(
  uow: Uow,
  project: Project,
  id: string,
  { display_name, is_verified }: EmailConfigUpdate,
): Promise<EmailConfig> {
  const before = await lock(uow, project, id);
  if (is_verified !== undefined && !canVerify(project)) {
    throw forbidden('Only a manager of the project may say that an address is verified.');
  }
  const after = await uow.tx
    .updateTable('email_configs')
    .set({
      display_name: display_name?.trim() ?? before.display_name,
      is_verified: is_verified ?? before.is_verified,
    })
    .where('project_id', '=', project.id)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  const detail = { is_verified: after.is_verified };
  await recordAudit(uow, project, { act: 'email_configs.update', target: asTarget(after), detail });
  return present(after);
}

/** Removes an address. Its tickets stay, without one to answer from. */
export async function deleteEmailConfig(uow: Uow, project: Project, id: string): Promise<void> {
  const before = await lock(uow, project, id);
  await recordAudit(uow, project, { act: 'email_configs.delete', target: asTarget(before) });
  await uow.tx
    .deleteFrom('email_configs')
    .where('project_id', '=', project.id)
    .where('id', '=', id)
    .execute();
}

function asTarget({ id, email }: Row) {
  return { type: 'email_config', id, name: email };
}

async function lock(uow: Uow, project: Project, id: string): Promise<Row> {
  if (!isUuid(id)) throw notFound();
  const row = await uow.tx
    .selectFrom('email_configs')
    .selectAll()
    .where('project_id', '=', project.id)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound();
  return row;
}
