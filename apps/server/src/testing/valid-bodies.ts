import type { RouteDeclaration } from '@parley/contract/route';
import { newId } from '#platform/ids.ts';
import { createTicket, setProject, TICKETS } from './fixtures.ts';
import { valid } from './json-schema.ts';
import { pathTo, SITE_HOST, VISITOR, type Walk } from './route-walk.ts';
import type { Things } from './tenant-things.ts';
import { ADMIN_EMAIL, ADMIN_PASSWORD } from './test-app.ts';

/** Settings that let all bodies be taken, whatever a walk made of them. */
export async function openChannels({ app }: Walk): Promise<void> {
  await setProject(app, { conversations_settings: { email_enabled: true, widget_domains: [SITE_HOST] } });
}

/** What bodies name. */
export async function addBodyThings({ app, us, ours }: Walk): Promise<Things> {
  const other = (await createTicket(app, { message: 'Hi' })).id;
  const change = { ids: [other], status: 'pending' };
  const changed = await app.request<{ undo: { id: string } }>('POST', `${TICKETS}bulk_update/`, {
    body: change,
  });
  const invitations = `/api/organizations/${us.organizationId}/invitations/`;
  const invitation = { email: 'walker@example.com' };
  const invited = await app.request<{ token: string }>('POST', invitations, { body: invitation });
  const merged = (await createTicket(app)).id;
  return { ...ours, other, merged, undo_id: changed.body.undo.id, token: invited.body.token };
}

/** Where a body is sent: a ticket that was merged would be none to the walks that follow. */
export function bodyPath(route: RouteDeclaration, things: Things): string {
  const { tickets = '', merged = '' } = things;
  return pathTo(route, { ...things, tickets: route.id === 'tickets.merge' ? merged : tickets });
}

/** What the contract does not say of a body that is taken: ids of what there is, and words with a meaning. */
function meant(things: Things): Record<string, object> {
  const { tickets, other = '', message_id, email_configs, name, undo_id, token } = things;
  const ids = [other];
  return {
    'comments.create': { item_id: tickets, content: 'Walked' },
    'email_configs.create': { email: `${newId()}@example.com` },
    'invitations.accept': { token, password: ADMIN_PASSWORD },
    'invitations.create': { email: `${newId()}@example.com` },
    'notifications.mark_read': { until: '2026-01-01T00:00:00Z' },
    'quick_actions.create': { content: 'Walked' },
    'quick_actions.replace': { content: 'Walked' },
    'sessions.create': { email: ADMIN_EMAIL, password: ADMIN_PASSWORD },
    'tags.merge': { from: [name] },
    'ticket_links.create': { ticket: other },
    'tickets.ai_feedback': { message_id },
    'tickets.bulk_update': { ids, status: 'open' },
    'tickets.bulk_update_status': { ids },
    'tickets.bulk_update_tags': { ids, tags: ['walked'] },
    'tickets.compose': { email_config_id: email_configs },
    'tickets.merge': { target: other, allow_different_customers: true },
    'tickets.split': { message_ids: [message_id] },
    'tickets.undo_bulk_update': { undo_id },
    'users.change_password': { current_password: ADMIN_PASSWORD, new_password: ADMIN_PASSWORD },
    'webhooks.create': { url: 'https://example.com/hook', events: ['*'] },
    'webhooks.replay': { failed_since: '2026-01-01' },
    'widget.mark_read': VISITOR,
    'widget.update_traits': { ...VISITOR, traits: { email: 'ada@example.com' } },
    'widget.rate': { ...VISITOR, rating: 'good' },
    'widget.request_restore': { request_url: `https://${SITE_HOST}/help` },
    'widget.restore': { restore_token: 'r'.repeat(43) },
    'widget.send_message': VISITOR,
    'working_hours.update': { weekly: { monday: [{ start: '09:00', end: '17:00' }] } },
  };
}

/** The least that a route takes as its body, about what there is. */
export function validBody(route: RouteDeclaration, things: Things = {}): object {
  // Bodies are objects.
  return { ...(valid(route.body ?? {}) as object), ...meant(things)[route.id] };
}
