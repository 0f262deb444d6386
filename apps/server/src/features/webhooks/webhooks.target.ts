import { isIP } from 'node:net';
import { type AllowList, isGlobalUnicast } from '#platform/outbound-address.ts';

/**
 * What is wrong with the address of a webhook, or undefined. Plain http gives the contents of tickets to whoever listens
 * on the way, so it is for hosts that the operator named (PARLEY_OUTBOUND_ALLOW). Names are not looked up here: where
 * they lead is checked at each connection (field.md 4.1).
 */
export function findTargetProblem(text: string, allow: AllowList): string | undefined {
  const url = URL.parse(text);
  // Blanks and control characters are dropped by the parser: what is shown must be what is called.
  if (!url || /[^\x21-\uffff]/.test(text)) return 'This is no address such as https://example.com/hook.';
  const { protocol, username, password, hash } = url;
  if (protocol !== 'https:' && protocol !== 'http:') return 'The address must begin with https://.';
  if (username !== '' || password !== '') {
    return 'The address must not hold a name or a password: check the signature instead.';
  }
  if (hash !== '') return 'The address must not have a fragment.';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isAllowed = allow(host, host);
  if (protocol === 'http:' && !isAllowed) {
    return 'The address must begin with https://. http is for hosts named in PARLEY_OUTBOUND_ALLOW.';
  }
  if (isIP(host) && !isAllowed && !isGlobalUnicast(host)) return 'This is no public address.';
  return undefined;
}
