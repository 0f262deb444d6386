/** NOTIFY refuses 8000 bytes and more. */
const MAX_NOTIFICATION_BYTES = 7900;

export type RelayMessage =
  | { kind: 'publish'; from: string; channel: string; payload: string }
  | { kind: 'delete'; from: string; keys: string[] };

/** Lines instead of JSON: quoting could make a payload several times as long. The payload may have lines of its own. */
export function packMessage(from: string, channel: string, payload: string): string {
  return `publish\n${from}\n${channel}\n${payload}`;
}

/** As many notifications as the keys need. Keys hold no line feed, and each fits into one (checkKey). */
export function packDeletes(from: string, keys: string[]): string[] {
  const head = `delete\n${from}`;
  const texts: string[] = [];
  let text = head;
  for (const key of keys) {
    if (Buffer.byteLength(`${text}\n${key}`) > MAX_NOTIFICATION_BYTES && text !== head) {
      texts.push(text);
      text = head;
    }
    text += `\n${key}`;
  }
  return text === head ? texts : [...texts, text];
}

/** Undefined for a text that was not packed here, such as one of a newer version. */
export function openMessage(text: string): RelayMessage | undefined {
  const [kind, from, ...rest] = text.split('\n');
  if (from === undefined) return undefined;
  if (kind === 'delete') return { kind, from, keys: rest };
  const [channel, ...lines] = rest;
  if (kind !== 'publish' || channel === undefined) return undefined;
  return { kind, from, channel, payload: lines.join('\n') };
}
