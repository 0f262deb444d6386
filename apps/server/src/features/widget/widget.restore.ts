import { createHash } from 'node:crypto';
import { WidgetRestore, type WidgetRestored, WidgetRestoreRequest } from '@parley/contract/widget';
import { lockTickets } from '#features/tickets/tickets.service.ts';
import { moveToSession } from '#features/tickets/tickets.session.service.ts';
import type { Project } from '#platform/actor.ts';
import { assertValid } from '#platform/http/validator.ts';
import { hashToken, newId } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { findRestorable } from './restorable-tickets.ts';
import * as tokens from './restore-tokens.repo.ts';
import { sessionHash } from './visitor.ts';
import { mailRestoreLink } from './widget.jobs.ts';

/** What is asked for, with the address as it is compared. */
export function readRestoreRequest(fields: Readonly<Record<string, unknown>>): WidgetRestoreRequest {
  const { email } = fields;
  const trimmed = { ...fields, ...(typeof email === 'string' ? { email: email.trim().toLowerCase() } : {}) };
  assertValid(WidgetRestoreRequest, trimmed);
  // Just checked.
  return trimmed as WidgetRestoreRequest;
}

/** Of an address, for limits. */
export function emailKey(email: string): string {
  return createHash('sha256').update(email).digest('base64url');
}

/** Has a link mailed, if there is anything to restore. */
export function requestRestore(uow: Uow, project: Project, email: string, page: URL): { ok: true } {
  uow.enqueue(mailRestoreLink.call({ id: newId(), projectId: project.id, email, page: page.href }));
  return { ok: true };
}

export function readRestore(fields: Readonly<Record<string, unknown>>): WidgetRestore {
  assertValid(WidgetRestore, fields);
  // Just checked.
  return fields as WidgetRestore;
}

/** Redeems a link: all tickets of its address go to this browser (widget.md 5.6). Once, with all links of the address. */
export async function restore(
  uow: Uow,
  project: Project,
  { restore_token, widget_session_id }: WidgetRestore,
): Promise<WidgetRestored> {
  const token = await tokens.lock(uow.tx, project.id, hashToken(restore_token));
  if (!token) return { status: 'invalid', code: 'token_invalid' };
  if (token.used_at !== null) return { status: 'used', code: 'token_already_used' };
  if (token.expires_at <= uow.now) return { status: 'expired', code: 'token_expired' };
  await tokens.useAll(uow.tx, project.id, token.email, uow.now);
  const ids = await findRestorable(uow, project.id, token.email);
  const tickets = await lockTickets(uow, project, ids);
  await moveToSession(uow, project.id, tickets, sessionHash(widget_session_id));
  const moved = ids.filter((id) => tickets.some((ticket) => ticket.id === id));
  return {
    status: 'success',
    widget_session_id,
    ...(moved.length > 0 ? { migrated_ticket_ids: moved } : {}),
  };
}
