/** One entry of a project's list of sites. */
interface Domain {
  host: string;
  /** `*.example.com`: every host below it, and itself (decisions.md 32). */
  withSubdomains: boolean;
}

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const WILDCARD = '*.';

/**
 * Reads a bare host or an address; scheme, port and path do not matter. Undefined for what names no host. A lone `*` is
 * none: whoever may be mailed a way back to their tickets is mailed to a site of this list.
 */
export function parseDomain(text: string): Domain | undefined {
  const rest = text.trim().replace(SCHEME, '');
  const withSubdomains = rest.startsWith(WILDCARD);
  const [place = ''] = (withSubdomains ? rest.slice(WILDCARD.length) : rest).split(/[/?#]/, 1);
  if (/[@*\\\s]/.test(place)) return undefined;
  const host = URL.parse(`http://${place}`)?.hostname;
  return host ? { host, withSubdomains } : undefined;
}

/** The host that a header or an address names, in the form in which hosts are compared; undefined for none. */
export function hostOf(address: string | undefined): string | undefined {
  return (address !== undefined && URL.parse(address)?.hostname) || undefined;
}

/** Whether a host is on a list. Entries that are none match nothing. */
export function isListed(host: string, entries: readonly string[]): boolean {
  return entries.some((entry) => {
    const domain = parseDomain(entry);
    if (!domain) return false;
    return host === domain.host || (domain.withSubdomains && host.endsWith(`.${domain.host}`));
  });
}
