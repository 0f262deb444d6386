import type { KeptFile, Traits, Visitor } from '../shared/protocol.ts';

export interface Message {
  id: string;
  content: string;
  rich_content: unknown;
  author_type: string;
  author_name: string;
  created_at: string;
}

export interface Ticket {
  id: string;
  ticket_number: number;
  status: string;
  unread_count: number;
  last_message: string | null;
  last_message_at: string | null;
  created_at: string;
}

export interface Sent {
  ticket_id: string;
  message_id: string;
  ticket_status: string;
  unread_count: number;
  created_at: string;
}

export type StoredFile = KeptFile;

export type FailureKind = 'network' | 'rate_limit' | 'http' | 'invalid_response';

/** A call that failed; `reason` is what the server said, for the customer to read. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly status: number;
  readonly reason: string | undefined;
  readonly retryAfter: number | undefined;
  constructor(kind: FailureKind, status = 0, reason?: string, retryAfter?: number) {
    super(reason ?? kind);
    this.kind = kind;
    this.status = status;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

export const API = '/api/conversations/v1/widget/';

/** Who calls, as the routes want it in a header: nothing of it is in an address. */
export function visitorHeader({ widgetSessionId, identity }: Visitor): string {
  const fields = new URLSearchParams({ widget_session_id: widgetSessionId });
  if (identity) {
    fields.set('identity_distinct_id', identity.id);
    fields.set('identity_hash', identity.hash);
    for (const [name, { value, hash }] of Object.entries(identity.claims ?? {})) {
      fields.set(`identity_${name}`, value);
      fields.set(`identity_hash_${name}`, hash);
    }
  }
  return fields.toString();
}

/** What the server says is wrong, in any of its forms of errors. */
function reasonOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { error, detail, details } = body as {
    error?: unknown;
    detail?: unknown;
    details?: Record<string, string[]>;
  };
  const field = Object.values(details ?? {})[0]?.[0];
  const text = field ?? detail ?? error;
  return typeof text === 'string' ? text : undefined;
}

function failureOf(status: number, body: unknown, retryAfter: string | null): Failure {
  const seconds = Number(retryAfter ?? Number.NaN);
  return new Failure(
    status === 429 ? 'rate_limit' : 'http',
    status,
    reasonOf(body),
    Number.isFinite(seconds) ? seconds : undefined,
  );
}

const TIMEOUT_MS = 20_000;

/** The routes of the widget, for one visitor at a time. */
export class Api {
  private readonly token: string;
  visitor: Visitor;

  constructor(token: string, visitor: Visitor) {
    this.token = token;
    this.visitor = visitor;
  }

  headers(): Record<string, string> {
    return { 'x-conversations-token': this.token, 'x-conversations-visitor': visitorHeader(this.visitor) };
  }

  private async call<T>(method: string, path: string, body?: object, more: object = {}): Promise<T> {
    let response: Response;
    try {
      response = await fetch(API + path, {
        method,
        headers: { ...this.headers(), ...(body ? { 'content-type': 'application/json' } : {}), ...more },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch {
      throw new Failure('network');
    }
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw failureOf(response.status, answer, response.headers.get('retry-after'));
    if (answer === undefined) throw new Failure('invalid_response', response.status);
    return answer as T;
  }

  /** The same key sends a message once, however often it is tried. */
  send(key: string, body: object): Promise<Sent> {
    return this.call('POST', 'message', body, { 'idempotency-key': key });
  }

  messages(
    ticketId: string,
    after?: string,
  ): Promise<{ ticket_status: string; unread_count: number; messages: Message[]; has_more: boolean }> {
    const query = new URLSearchParams({ limit: '500', ...(after === undefined ? {} : { after }) });
    return this.call('GET', `messages/${ticketId}?${query}`);
  }

  read(ticketId: string): Promise<{ success: true; unread_count: number }> {
    return this.call('POST', `messages/${ticketId}/read`, {});
  }

  tickets(
    query: Readonly<Record<string, string | number>> = {},
  ): Promise<{ count: number; results: Ticket[] }> {
    const fields = Object.entries(query).map(([name, value]) => [name, String(value)]);
    return this.call('GET', `tickets?${new URLSearchParams(fields)}`);
  }

  rate(ticketId: string, rating: 'good' | 'bad', comment?: string): Promise<{ success: true }> {
    return this.call('POST', `messages/${ticketId}/rating`, { rating, ...(comment ? { comment } : {}) });
  }

  updateTraits(ticketId: string, traits: Traits): Promise<{ success: true }> {
    return this.call('POST', `messages/${ticketId}/traits`, { traits });
  }

  requestRestore(email: string, url: string): Promise<{ ok: true }> {
    return this.call('POST', 'restore/request', { email: email.trim().toLowerCase(), request_url: url });
  }

  restore(
    token: string,
  ): Promise<{ status: string; code?: string; widget_session_id?: string; migrated_ticket_ids?: string[] }> {
    return this.call('POST', 'restore', {
      restore_token: token,
      widget_session_id: this.visitor.widgetSessionId,
    });
  }

  /** By XMLHttpRequest, which alone tells how far an upload is. */
  upload(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<StoredFile> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('POST', `${API}files?${new URLSearchParams({ name: file.name })}`);
      for (const [name, value] of Object.entries(this.headers())) request.setRequestHeader(name, value);
      request.setRequestHeader('content-type', 'application/octet-stream');
      request.responseType = 'json';
      request.upload.onprogress = ({ loaded, total }) => progress(total === 0 ? 0 : loaded / total);
      request.onerror = () => reject(new Failure('network'));
      request.onabort = () => reject(new Failure('network'));
      request.onload = () => {
        if (request.status === 201) resolve(request.response as StoredFile);
        else reject(failureOf(request.status, request.response, request.getResponseHeader('retry-after')));
      };
      signal.addEventListener('abort', () => request.abort());
      // A blob without a type of its own: the header says what is sent.
      request.send(new Blob([file]));
    });
  }
}
