import { InvalidArgumentError } from 'commander';

/** For options that can be given several times. */
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** `none` clears a field. Commander itself would turn a null into an empty text. */
export function noneAsNull<T>(value: T | 'none' | undefined): T | null | undefined {
  return value === 'none' ? null : value;
}

export type AssigneeArgument = { type: 'user'; id: number } | { type: 'role'; id: string } | 'none';

/** `user:3`, `role:<uuid>` or `none`. */
export function parseAssignee(value: string): AssigneeArgument {
  if (value === 'none') return value;
  const [, type, id = ''] = /^(user|role):(.+)$/.exec(value) ?? [];
  if (type === 'user' && /^\d{1,9}$/.test(id)) return { type, id: Number(id) };
  if (type === 'role') return { type, id };
  throw new InvalidArgumentError('It is user:<number>, role:<uuid> or none.');
}

/** The text itself, or with `-` what standard input holds. */
export async function textOrStdin(value: string): Promise<string> {
  if (value !== '-') return value;
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

/** An object without the entries that are undefined: those options were not given. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  // Object.fromEntries forgets the keys' types.
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
