import type { KnownTicket } from './naive-list.ts';

/** A term of a query, and what it means in docs/search.md. */
export interface NaiveTerm {
  written: string;
  /** Terms of one kind that are alternatives when several are asked for. */
  alternative?: 'status' | 'priority' | 'channel' | 'assignee';
  /** Free text: by texts alone merged tickets are found where their threads go on. */
  isText: boolean;
  excluded: boolean;
  holds(ticket: KnownTicket): boolean;
}

/** A value as it has to be written to be read as one; undefined for what cannot be. */
export function quoted(value: string, alone: boolean): string | undefined {
  const isPlain = alone ? /^[^\s"-][^\s"]*$/.test(value) : /^[^\s"]\S*$/.test(value);
  if (isPlain) return value;
  return value.includes('"') || value.trim() !== value || value === '' ? undefined : `"${value}"`;
}

/** The tickets a query holds for, last active first: each is tested by itself. */
export function naiveSearch(tickets: readonly KnownTicket[], terms: readonly NaiveTerm[]): KnownTicket[] {
  const required = terms.filter((term) => !term.excluded);
  const kinds = new Set(required.map(({ alternative }) => alternative));
  const isTextAlone = terms.every(({ isText }) => isText) && terms.length > 0;
  return tickets
    .filter(({ row }) => row.deleted_at === null && !(isTextAlone && row.merged_into_id !== null))
    .filter((ticket) => terms.every((term) => !term.excluded || !term.holds(ticket)))
    .filter((ticket) =>
      [...kinds].every((kind) => {
        const group = required.filter(({ alternative }) => alternative === kind);
        return kind === undefined
          ? group.every((term) => term.holds(ticket))
          : group.some((term) => term.holds(ticket));
      }),
    )
    .sort(
      ({ row: a }, { row: b }) =>
        b.updated_at.getTime() - a.updated_at.getTime() || b.ticket_number - a.ticket_number,
    );
}
