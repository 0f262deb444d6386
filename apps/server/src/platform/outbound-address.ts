import { isIP, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Everything assigned as global unicast lies here; what is outside is local, embedded IPv4, reserved or multicast. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an address is an ordinary one of the public Internet. Private, loopback, link-local, shared, multicast and
 * reserved ranges are not, nor are translated ones (NAT64, 6to4, Teredo), which lead to an IPv4 address behind them. An
 * IPv4 address written as `::ffff:…` is judged as that IPv4 address.
 */
export function isGlobalUnicast(address: string): boolean {
  const parsed = parseAddress(address);
  if (!parsed) return false;
  return parsed.range() === 'unicast' && (isIPv4(parsed) || parsed.match(GLOBAL_IPV6));
}

/** The exceptions from isGlobalUnicast: answers whether a host name, or the address it leads to, is one. */
export type AllowList = (hostname: string, address: string) => boolean;

/** Reads host names, addresses and CIDRs; throws on an entry that is none of them, so that none is silently inert. */
export function parseAllowList(entries: readonly string[]): AllowList {
  const hosts = new Set<string>();
  const ranges: [Address, number][] = [];
  for (const entry of entries) {
    const range = parseRange(entry.replace(/^\[(.*)\]$/, '$1'));
    if (range) ranges.push(range);
    else hosts.add(parseHost(entry));
  }
  return (hostname, address) => {
    if (hosts.has(normalizeHost(hostname))) return true;
    const parsed = parseAddress(address);
    if (!parsed) return false;
    return ranges.some((range) => range[0].kind() === parsed.kind() && parsed.match(range));
  };
}

function parseRange(text: string): [Address, number] | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  const address = parseAddress(text);
  return address && [address, isIPv4(address) ? 32 : 128];
}

function parseHost(entry: string): string {
  // The conversion stops at the first character of these, and would make a host of what stands before it.
  const host = /[\s/:?#@%\\[\]]/.test(entry) ? '' : normalizeHost(domainToASCII(entry));
  if (/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(host)) return host;
  throw new Error(`"${entry}" is not a host name, an address or a CIDR (write it without scheme and port).`);
}

/** An IPv4-mapped address is given as the IPv4 address, which is what a connection to it reaches. */
function parseAddress(text: string): Address | undefined {
  if (!isIP(text)) return undefined;
  // ipaddr.js takes `::1.2.3.4` for a mapped address; a URL writes all IPv6 in hexadecimal.
  const dotted = isIPv6(text) && text.includes('.') && URL.canParse(`http://[${text}]`);
  return ipaddr.process(dotted ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text);
}

function normalizeHost(hostname: string): string {
  return hostname.toLowerCase().replace(/\.$/, '');
}

function isIPv4(address: Address): address is ipaddr.IPv4 {
  return address.kind() === 'ipv4';
}
