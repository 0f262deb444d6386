import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { IntegerText, Nullable, Page, Uuid } from './schemas.ts';
import { Ticket } from './tickets.ts';

/** Longest query, in characters. */
export const SEARCH_QUERY_MAX = 500;
/** Most words and operators of one query. */
export const SEARCH_TERMS_MAX = 20;

export const SnippetPart = Type.Object(
  {
    text: Type.String(),
    match: Type.Boolean({ description: 'Whether this part is what was searched for.' }),
  },
  { title: 'SnippetPart' },
);
export type SnippetPart = Static<typeof SnippetPart>;

export const SearchResult = Type.Object(
  {
    ticket: Ticket,
    snippet: Type.Array(SnippetPart, {
      description: 'Plain text around the first match, in parts that together are the text. Never markup.',
    }),
    message_id: Nullable({
      ...Uuid,
      description:
        'The message the snippet is from: of those with the most words the newest. Null: no message.',
    }),
  },
  { title: 'SearchResult' },
);
export type SearchResult = Static<typeof SearchResult>;

export const SearchWarning = Type.Object(
  {
    term: Type.String({ description: 'As it was written.' }),
    detail: Type.String(),
  },
  { title: 'SearchWarning' },
);
export type SearchWarning = Static<typeof SearchWarning>;

export const search = {
  tickets: defineRoute({
    id: 'search.tickets',
    method: 'GET',
    path: '/api/projects/:project_id/conversations/search/',
    summary: 'Search tickets with operators, newest activity first',
    description: [
      'Words and "quoted phrases" must all be there, in the ticket, its messages or its person; `-` before a term',
      'excludes. Operators: `is:` unread, snoozed or a status; `from:` the customer; `to:` the address written to, or',
      'a CC; `tag:`; `assignee:` me, unassigned, the e-mail of a member or the name of a role; `channel:`;',
      '`priority:`; `before:` and `after:` (last activity; a date, or relative such as -7d); `has:attachment`.',
      'A term that looks like an operator and is none is searched as text, and named in `warnings`.',
    ].join(' '),
    credentials: ['ticket:read'],
    project: 'viewer',
    query: Type.Object({
      q: Type.Optional(Type.String({ maxLength: SEARCH_QUERY_MAX, description: 'Empty finds everything.' })),
      limit: Type.Optional(IntegerText({ description: 'Page size, up to 100. Default 25.' })),
      cursor: Type.Optional(Type.String({ description: 'Opaque position from `next` or `previous`.' })),
    }),
    responses: {
      200: Type.Object({ ...Page(SearchResult).properties, warnings: Type.Array(SearchWarning) }),
    },
    mcpTool: 'conversations-tickets-search',
  }),
};
