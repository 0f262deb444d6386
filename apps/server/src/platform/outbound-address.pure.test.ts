import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGlobalUnicast, parseAllowList } from './outbound-address.ts';

/** The reference: what IANA's special-purpose registries set aside, as plain numbers. */
const SPECIAL_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;

/** Within 2000::/3; all IPv6 outside of it is refused. */
const SPECIAL_IPV6 = [
  [0x2001_0000n, 23],
  [0x2001_0db8n, 32],
  [0x2002_0000n, 16],
  [0x3fff_0000n, 20],
] as const;
const AS112 = 0x2620_004f_8000n << 80n;

interface Block {
  first: bigint;
  last: bigint;
}

function block(start: bigint, prefix: number, bits: number): Block {
  const size = 1n << BigInt(bits - prefix);
  return { first: start, last: start + size - 1n };
}

function ipv4Number(text: string): bigint {
  return text.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}

function ipv4Text(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
}

function ipv6Text(value: bigint): string {
  const digits = value.toString(16).padStart(32, '0');
  return (digits.match(/.{4}/g) ?? []).join(':');
}

const BLOCKS_IPV4 = SPECIAL_IPV4.map(([start, prefix]) => block(ipv4Number(start), prefix, 32));
const GLOBAL_IPV6 = block(0x2000n << 112n, 3, 128);
const BLOCKS_IPV6 = [
  ...SPECIAL_IPV6.map(([start, prefix]) => block(start << 96n, prefix, 128)),
  block(AS112, 48, 128),
];

function within(value: bigint, { first, last }: Block): boolean {
  return first <= value && value <= last;
}

function referenceIPv4(value: bigint): boolean {
  return !BLOCKS_IPV4.some((each) => within(value, each));
}

function referenceIPv6(value: bigint): boolean {
  return within(value, GLOBAL_IPV6) && !BLOCKS_IPV6.some((each) => within(value, each));
}

/** Any address, and with it the ones at and beside the edges of the blocks. */
function numbers(bits: bigint, blocks: Block[]) {
  const max = (1n << bits) - 1n;
  const edges = blocks.flatMap(({ first, last }) => [first - 1n, first, last, last + 1n]);
  const inside = blocks.map(({ first, last }) => fc.bigInt({ min: first, max: last }));
  const valid = edges.filter((edge) => edge >= 0n && edge <= max);
  return fc.oneof(fc.bigInt({ min: 0n, max }), fc.constantFrom(...valid), ...inside);
}

const ipv4 = numbers(32n, BLOCKS_IPV4);
const ipv6 = numbers(128n, [GLOBAL_IPV6, ...BLOCKS_IPV6]);

describe('isGlobalUnicast', () => {
  it('agrees with the reference on IPv4, also when written as IPv6', () => {
    fc.assert(
      fc.property(ipv4, (value) => {
        const text = ipv4Text(value);
        const hex = value.toString(16).padStart(8, '0');
        expect(isGlobalUnicast(text)).toBe(referenceIPv4(value));
        expect(isGlobalUnicast(`::ffff:${text}`)).toBe(referenceIPv4(value));
        expect(isGlobalUnicast(`::ffff:${hex.slice(0, 4)}:${hex.slice(4)}`)).toBe(referenceIPv4(value));
      }),
      { numRuns: 5000 },
    );
  });

  it('refuses IPv4 behind any translation', () => {
    fc.assert(
      fc.property(ipv4, (value) => {
        const text = ipv4Text(value);
        const hex = value.toString(16).padStart(8, '0');
        const pair = `${hex.slice(0, 4)}:${hex.slice(4)}`;
        const forms = [
          `64:ff9b::${text}`,
          `64:ff9b:1::${text}`,
          `::${text}`,
          `::ffff:0:${text}`,
          `2002:${pair}::1`,
        ];
        for (const form of [...forms, `2001:0:${pair}::1`]) expect(isGlobalUnicast(form), form).toBe(false);
      }),
    );
  });

  it('agrees with the reference on IPv6', () => {
    fc.assert(
      fc.property(ipv6, (value) => {
        expect(isGlobalUnicast(ipv6Text(value))).toBe(referenceIPv6(value));
      }),
      { numRuns: 5000 },
    );
  });

  it.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '2a00:1450:4001:80e::200e', '::ffff:8.8.8.8'])(
    'lets %s pass',
    (address) => {
      expect(isGlobalUnicast(address)).toBe(true);
    },
  );

  it.each([
    '',
    'localhost',
    '1.2.3',
    '127.1',
    '0x7f000001',
    '8.8.8.8:80',
    '[2606:4700::1]',
    '::8.8.8.8',
    '::1',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '127.0.0.1',
  ])('refuses %j', (address) => {
    expect(isGlobalUnicast(address)).toBe(false);
  });
});

describe('parseAllowList', () => {
  it.each([
    ['localhost', 'localhost', '127.0.0.1', true],
    ['LocalHost', 'localhost.', '::1', true],
    ['localhost', 'evil.localhost', '127.0.0.1', false],
    ['localhost', '127.0.0.1', '127.0.0.1', false],
    ['ollama_1.lan', 'ollama_1.lan', '10.0.0.9', true],
    ['bücher.example', 'xn--bcher-kva.example', '10.0.0.9', true],
    ['10.0.0.0/8', 'any', '10.255.0.1', true],
    ['10.0.0.0/8', 'any', '::ffff:10.255.0.1', true],
    ['10.0.0.0/8', 'any', '11.0.0.1', false],
    ['10.0.0.0/8', 'any', 'fd00::a00:1', false],
    ['127.0.0.1', 'any', '127.0.0.1', true],
    ['127.0.0.1', 'any', '127.0.0.2', false],
    ['::1', 'any', '::1', true],
    ['[::1]', 'any', '::1', true],
    ['::1', 'any', '::2', false],
    ['fd00::/8', 'any', 'fd12:3456::1', true],
    ['fd00::/8', 'any', 'fc12:3456::1', false],
    ['0.0.0.0/0', 'any', '::1', false],
  ])('%s for %s at %s: %s', (entry, hostname, address, expected) => {
    expect(parseAllowList([entry])(hostname, address)).toBe(expected);
  });

  it('allows nothing by itself', () => {
    expect(parseAllowList([])('localhost', '127.0.0.1')).toBe(false);
  });

  it.each(['', ' ', 'http://localhost', 'localhost:11434', '10.0.0.0/33', 'a/b', '*', '*.lan', '-'])(
    'refuses the entry %j',
    (entry) => {
      expect(() => parseAllowList(['localhost', entry])).toThrow(/is not a host name, an address or a CIDR/);
    },
  );
});
