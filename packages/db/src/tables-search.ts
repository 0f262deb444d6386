/** A ticket's own words, kept by a trigger on tickets: lower-cased, as tickets.search_text. */
export interface TicketWordsTable {
  project_id: number;
  ticket_id: string;
  words: string;
}

export interface SearchTables {
  ticket_words: TicketWordsTable;
}

export const SEARCH_PROJECT_TABLES = ['ticket_words'] as const satisfies readonly (keyof SearchTables)[];
