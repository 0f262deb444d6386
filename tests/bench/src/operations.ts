/** A request the benchmark sends, to the server and to the floor alike. */
export interface Operation {
  name: string;
  method: 'GET' | 'POST';
  /** `:ticket` stands for the id of a ticket. */
  path: string;
  /** Tickets the requests are spread over: all alike in what the server does to them. */
  tickets?: 'any' | 'unread' | 'settled';
  /** The request has effects that can't be repeated, so each of its tickets serves once. */
  once?: true;
  /** Sends a message, different in every request. */
  message?: true;
  /** Sends an object without fields. */
  empty?: true;
  /** The answer wraps the rows of the last statement; otherwise it is the one row. */
  isPage?: true;
}

const TICKETS = '/api/projects/1/conversations/tickets/';

export const OPERATIONS: readonly Operation[] = [
  { name: 'list', method: 'GET', path: `${TICKETS}?limit=50`, isPage: true },
  { name: 'list by status', method: 'GET', path: `${TICKETS}?status=open&limit=50`, isPage: true },
  { name: 'get', method: 'GET', path: `${TICKETS}:ticket/?mark_read=false`, tickets: 'any' },
  { name: 'get, mark read', method: 'GET', path: `${TICKETS}:ticket/`, tickets: 'unread', once: true },
  { name: 'reply', method: 'POST', path: `${TICKETS}:ticket/reply/`, tickets: 'settled', message: true },
  { name: 'unread count', method: 'GET', path: `${TICKETS}unread_count/` },
  { name: 'create', method: 'POST', path: TICKETS, empty: true },
  // The customer's first message too. The server does not look at the query, by which the floor tells them apart.
  { name: 'create with a message', method: 'POST', path: `${TICKETS}?with=message`, message: true },
];

/** What a request of an operation sends; `run` and `index` together never come twice. */
export function bodyFor(operation: Operation, run: string, index: number): string | undefined {
  if (operation.message) return JSON.stringify({ message: messageText(run, index) });
  return operation.empty ? '{}' : undefined;
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

export function pathFor(operation: Operation, ticket: string | undefined): string {
  return ticket === undefined ? operation.path : operation.path.replace(':ticket', ticket);
}

/** The form in which an operation's path is the same for every ticket, and the ticket. */
export function splitPath(path: string): { path: string; ticket: string | undefined } {
  const ticket = UUID.exec(path)?.[0];
  return { path: ticket === undefined ? path : path.replace(ticket, ':ticket'), ticket };
}

/** The words of one reply; `run` and `index` together never come twice. */
export function messageText(run: string, index: number): string {
  return `bench-${run}-${index}- Thank you for the report. We found the cause and will ship the fix with the next release.`;
}

/** Matches the part of messageText that differs from reply to reply, within any text. */
export const MESSAGE_MARK = /bench-[0-9a-z]+-\d+-/;
