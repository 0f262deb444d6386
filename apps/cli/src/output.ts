/** JSON exactly as the API gave it; nothing where the API gives nothing. */
export function printJson(value: unknown): void {
  if (value !== undefined) print(JSON.stringify(value, null, 2));
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Customers write what is printed here: without control characters it can't steer the terminal. */
export function plain(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '');
}

/** The same on one line, cut to a width. */
export function short(text: string | null | undefined, width: number): string {
  const line = plain(text ?? '')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}

/** Aligned columns; the last one is as wide as it is. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const pad = (cell: string, column: number) => cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

/** `2026-01-31 09:00`, in UTC as everything here. */
export function formatInstant(instant: string | null): string {
  return instant === null ? '' : instant.slice(0, 16).replace('T', ' ');
}
