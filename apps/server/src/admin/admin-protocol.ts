import type { Socket } from 'node:net';
import type { Static } from 'typebox';
import type { DoctorReport } from './doctor.ts';
import type { CreatedKey, CreateKeyArgs } from './keys-create.ts';
import type { ListedMail, ListMailArgs } from './mail-list.ts';
import type { CreatedUser, CreateUserArgs } from './users-create.ts';

/** Every administrative command: what it takes and what it answers. */
export interface AdminCommands {
  doctor: { args: object; result: DoctorReport };
  migrate: { args: object; result: { applied: string[] } };
  'users.create': { args: Static<typeof CreateUserArgs>; result: CreatedUser };
  'keys.create': { args: Static<typeof CreateKeyArgs>; result: CreatedKey };
  'mail.list': { args: Static<typeof ListMailArgs>; result: { mails: ListedMail[] } };
}

export type AdminCommand = keyof AdminCommands;
export type ArgsOf<C extends AdminCommand> = AdminCommands[C]['args'];
export type ResultOf<C extends AdminCommand> = AdminCommands[C]['result'];

/** Arguments come from another process, so a handler checks them itself. */
export type AdminHandlers = { [C in AdminCommand]: (args: unknown) => Promise<ResultOf<C>> };

export interface AdminFailure {
  code: string;
  detail: string;
  attr: string | null;
}

export type AdminAnswer = { ok: true; result: unknown } | { ok: false; error: AdminFailure };

/** In DATA_DIR, while the server runs. */
export const SOCKET_FILE = 'parley.sock';
/** No command needs more; a peer that sends it means something else. */
const MAX_LINE_BYTES = 64 * 1024;

/** The lines a socket receives. Throws when one of them grows too long. */
export async function* readLines(socket: Socket): AsyncGenerator<string, void, undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end);
      rest = rest.subarray(end + 1);
      yield line.toString('utf8');
    }
    if (rest.length > MAX_LINE_BYTES) throw new Error('The line is too long.');
  }
}
