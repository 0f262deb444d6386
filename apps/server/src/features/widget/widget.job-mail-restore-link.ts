import { queueNotice } from '#features/outbox/outbox.service.ts';
import { hashToken, newToken } from '#platform/ids.ts';
import type { JobContext } from '#platform/jobs/worker.ts';
import { findRestorable } from './restorable-tickets.ts';
import { restoreLink } from './restore-page.ts';
import * as tokens from './restore-tokens.repo.ts';

const VALID_MS = 3_600_000;

interface Payload {
  /** Of the token and its mail: run twice, this makes one. */
  id: string;
  projectId: number;
  /** In lower case. */
  email: string;
  page: string;
}

/** Mails a link to an address that has tickets (widget.md 5.5). */
export async function run(context: JobContext, { id, projectId, email, page }: Payload): Promise<void> {
  const subject = 'Your conversations';
  const content = await context.run(async (uow) => {
    const [newest] = await findRestorable(uow, projectId, email);
    if (newest === undefined) return undefined;
    const token = newToken('');
    const expiresAt = new Date(uow.now.getTime() + VALID_MS);
    const row = { project_id: projectId, id, token_hash: hashToken(token), email };
    if (!(await tokens.insert(uow.tx, { ...row, created_at: uow.now, expires_at: expiresAt })))
      return undefined;
    const text = write(new URL(page), token);
    await queueNotice(uow, { id, projectId, ticketId: newest, to: email, subject, content: text, expiresAt });
    return text;
  });
  if (content === undefined) return;
  context.log.info({ mail: id }, 'a mail waits in the outbox: parley mail list shows it');
  // The link opens tickets, so it is in the log only of who asks for everything.
  context.log.debug({ mail: id, to: email, subject, content }, 'mail');
}

function write(page: URL, token: string): string {
  return [
    `Somebody, hopefully you, asked for a way back to your conversations on ${page.hostname}.`,
    'Open this link within an hour, in the browser in which you want to go on:',
    restoreLink(page, token),
    'If it was not you, there is nothing to do: nothing has changed.',
  ].join('\n\n');
}
