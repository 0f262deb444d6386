import type { ReadContext } from '#platform/unit-of-work.ts';

/** The e-mail channel with this id, if it may send: its address is verified. */
export async function findUsableEmailConfig(context: ReadContext, projectId: number, id: string): Promise<{ id: string; email: string } | undefined> {
  return context.tx
    .selectFrom('email_configs')
    .select(['id', 'email'])
    .where('project_id', '=', projectId)
    .where('id', '=', id)
    .where('is_verified', '=', true)
    .executeTakeFirst();
}
