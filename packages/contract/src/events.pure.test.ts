import { expect, test } from 'vitest';
import { AUDIT_ACTS } from './audit-log.ts';
import { contract } from './contract.ts';
import { EVENTS } from './events.ts';
import type { RouteDeclaration } from './route.ts';

/** Operations that do what others do are reported by those names (docs/decisions/0026). */
const REPORTED_AS: Readonly<Record<string, readonly (keyof typeof EVENTS)[]>> = {
  'comments.create': ['tickets.reply', 'notes.create'],
  'comments.update': ['notes.update'],
  'content_articles.replace': ['content_articles.update'],
  'external_tickets.update': ['tickets.update'],
  'guidance_rules.replace': ['guidance_rules.update'],
  'internal_tickets.capture_email': ['messages.capture'],
  'internal_tickets.post_message': ['tickets.reply', 'notes.create'],
  'internal_tickets.update': ['tickets.update'],
  'quick_actions.replace': ['quick_actions.update'],
  'scheduled_replies.send_now': ['scheduled_replies.send'],
  'ticket_imports.create': ['tickets.import'],
  'tickets.bulk_update': ['tickets.update', 'tickets.delete', 'tickets.merge'],
  'tickets.bulk_update_status': ['tickets.change_status'],
  'tickets.bulk_update_tags': ['tickets.update'],
  'tickets.compose': ['tickets.create', 'tickets.reply'],
  'tickets.replace': ['tickets.update'],
  'tickets.suggest_reply': ['notes.create'],
  'tickets.undo_bulk_update': ['tickets.update', 'tickets.restore', 'tickets.unmerge'],
  'widget.mark_read': ['tickets.customer_read'],
  'widget.rate': ['tickets.rate'],
  'widget.update_traits': ['tickets.update'],
  'widget.send_message': ['messages.receive', 'tickets.create'],
};

/** What concerns one person alone, or changes nothing that a project could be told of. */
const TOLD_TO_NOBODY = [
  'drafts.delete',
  'drafts.delete_compose',
  'drafts.save',
  'drafts.save_compose',
  // Nobody sees it before a message holds it.
  'files.upload',
  'widget.upload_file',
  'notifications.mark_read',
  'notifications.mark_unread',
  // There is nobody yet, or nobody left, to hear of it.
  'organizations.create',
  'organizations.delete',
  'preferences.update',
  'preferences.update_project',
  // Only counts.
  'quick_actions.use',
  // A signal without a number (docs/decisions/0024).
  'presence.update',
  'sessions.delete',
  'sessions.delete_all',
  'users.update',
  'webhooks.replay',
  'webhooks.test',
  'widget.request_restore',
];

const groups: Record<string, RouteDeclaration>[] = Object.values(contract);
const writing = groups
  .flatMap((group) => Object.values(group))
  .filter(({ method }) => method !== 'GET')
  .map(({ id }) => id);

test('every operation that changes something has an event, or an entry of the audit log, or a reason for none', () => {
  const told = new Set<string>([
    ...Object.keys(EVENTS),
    ...AUDIT_ACTS,
    ...Object.keys(REPORTED_AS),
    ...TOLD_TO_NOBODY,
  ]);
  expect(writing.filter((id) => !told.has(id))).toEqual([]);
});

test('no exception is out of date', () => {
  expect([...Object.keys(REPORTED_AS), ...TOLD_TO_NOBODY].filter((id) => !writing.includes(id))).toEqual([]);
  expect(
    Object.values(REPORTED_AS)
      .flat()
      .filter((name) => !(name in EVENTS)),
  ).toEqual([]);
  const own = Object.keys(EVENTS);
  expect([...Object.keys(REPORTED_AS), ...TOLD_TO_NOBODY].filter((id) => own.includes(id))).toEqual([]);
});
