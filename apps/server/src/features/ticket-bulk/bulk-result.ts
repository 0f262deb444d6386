import type { TicketRow } from '#features/tickets/tickets.service.ts';
import { ApiError } from '#platform/api-error.ts';
import type { UndoEntry } from './undo.service.ts';

export interface SkippedTicket {
  id: string;
  code: string;
  detail: string;
}

export const NOT_FOUND = { code: 'not_found', detail: 'Not found or no edit access' } as const;

/** What a bulk action did to each of the tickets it was asked about. */
export class BulkResult {
  readonly ids: readonly string[];
  private readonly done = new Map<string, UndoEntry>();
  private readonly skipped = new Map<string, SkippedTicket>();

  constructor(ids: readonly string[]) {
    this.ids = ids;
  }

  add(entry: UndoEntry): void {
    this.done.set(entry.id, entry);
  }

  skip(id: string, code: string, detail: string): void {
    this.skipped.set(id, { id, code, detail });
  }

  /** A refusal is this ticket's alone. It must come before anything is written: nothing of it is rolled back. */
  async attempt(ticket: TicketRow, work: () => Promise<UndoEntry>): Promise<void> {
    try {
      this.add(await work());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.skip(ticket.id, error.code, error.message);
    }
  }

  /** Everything in the order in which it was asked; what nobody found is skipped too. */
  finish(): { entries: UndoEntry[]; skipped: SkippedTicket[] } {
    const entries = this.ids.flatMap((id) => this.done.get(id) ?? []);
    const missing = (id: string) => this.skipped.get(id) ?? { id, ...NOT_FOUND };
    return { entries, skipped: this.ids.flatMap((id) => (this.done.has(id) ? [] : [missing(id)])) };
  }
}
