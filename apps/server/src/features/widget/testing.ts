import { createHmac, randomUUID } from 'node:crypto';
import type { IdentitySecret } from '@parley/contract/identity-secrets';
import type { Project } from '@parley/contract/projects';
import type { WidgetMessageSent, WidgetMessages, WidgetTickets } from '@parley/contract/widget';
import type { Static } from 'typebox';
import type { TestApp, TestResponse } from '../../testing/test-app.ts';

const PATH = '/api/conversations/v1/widget/';

export type SentMessage = WidgetMessageSent;
export type MessagePage = Static<typeof WidgetMessages>;
export type TicketPage = Static<typeof WidgetTickets>;

export interface WidgetError {
  error: string;
  details?: Record<string, string[]>;
}

/** The public token of a project's widget. */
export async function widgetToken(app: TestApp, projectId = 1, key?: string): Promise<string> {
  const options = key === undefined ? {} : { key };
  const { body } = await app.request<Project>('GET', `/api/projects/${projectId}/`, options);
  return String(body.conversations_settings.widget_public_token);
}

/** What identifies a visitor in a query or body. */
export type Fields = Readonly<Record<string, unknown>>;

/** A browser that nobody has seen before. */
export function browser(more: Fields = {}): { widget_session_id: string; distinct_id: string } & Fields {
  return { widget_session_id: randomUUID(), distinct_id: `anon-${randomUUID()}`, ...more };
}

export function sign(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}

/** A person whom the site has signed in. */
export function person(secret: string, id: string, more: Fields = {}): Fields {
  return { identity_distinct_id: id, identity_hash: sign(secret, id), ...more };
}

/** An address of a person that the site vouches for until a time. */
export function claim(secret: string, id: string, email: string, ends: number): Fields {
  const text = ['v1', id, 'email', email.trim().toLowerCase(), ends].join('\0');
  return { identity_email: email, identity_hash_email: sign(secret, text), identity_exp_email: ends };
}

/** A new secret to sign with; what was there becomes the previous one. */
export async function newIdentitySecret(app: TestApp, projectId = 1): Promise<string> {
  const path = `/api/projects/${projectId}/identity_secrets/rotate/`;
  const { body } = await app.request<IdentitySecret & { secret: string }>('POST', path);
  return body.secret;
}

/** A site's page with a widget on it. */
export interface Page {
  send<T = SentMessage>(visitor: Fields, body?: Fields): Promise<TestResponse<T>>;
  messages<T = MessagePage>(visitor: Fields, ticketId: string, query?: Fields): Promise<TestResponse<T>>;
  read<T = { success: true; unread_count: number }>(
    visitor: Fields,
    ticketId: string,
  ): Promise<TestResponse<T>>;
  tickets<T = TicketPage>(visitor: Fields, query?: Fields): Promise<TestResponse<T>>;
  post<T>(path: string, body: unknown): Promise<TestResponse<T>>;
  get<T>(path: string): Promise<TestResponse<T>>;
}

/** Calls of a widget with this token, as its browser sends them. */
export function openPage(app: TestApp, token: string | null, headers: Record<string, string> = {}): Page {
  const own = { ...(token === null ? {} : { 'x-conversations-token': token }), ...headers };
  const post = <T>(path: string, body: unknown) =>
    app.request<T>('POST', `${PATH}${path}`, { key: null, headers: own, body });
  const get = <T>(path: string) => app.request<T>('GET', `${PATH}${path}`, { key: null, headers: own });
  const query = (fields: Fields) =>
    new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)]));
  return {
    post,
    get,
    send: (visitor, body = {}) => post('message', { message: 'Hello', ...visitor, ...body }),
    messages: (visitor, id, more = {}) => get(`messages/${id}?${query({ ...visitor, ...more })}`),
    read: (visitor, id) => post(`messages/${id}/read`, visitor),
    tickets: (visitor, more = {}) => get(`tickets?${query({ ...visitor, ...more })}`),
  };
}

/** Sends a message that has to arrive. */
export async function written(page: Page, visitor: Fields, body: Fields = {}): Promise<SentMessage> {
  const answer = await page.send(visitor, body);
  if (answer.status !== 200) throw new Error(`Answered ${answer.status}: ${answer.text}`);
  return answer.body;
}
