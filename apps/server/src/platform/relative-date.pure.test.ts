import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDateBound } from './relative-date.ts';

/** A Wednesday. */
const NOW = new Date('2026-05-20T15:45:30.250Z');

type Bound = 'from' | 'to';

function parse(text: string, timezone = 'UTC', bound: Bound = 'from', now = NOW): string | undefined {
  return parseDateBound(text, { now, timezone, bound })?.toISOString();
}

describe('relative dates', () => {
  it.each([
    ['-7d', 'UTC', '2026-05-13T15:45:30.250Z'],
    ['-0d', 'UTC', '2026-05-20T15:45:30.250Z'],
    ['-24h', 'UTC', '2026-05-19T15:45:30.250Z'],
    ['-2w', 'UTC', '2026-05-06T15:45:30.250Z'],
    ['-1m', 'UTC', '2026-04-20T15:45:30.250Z'],
    ['-1q', 'UTC', '2026-02-20T15:45:30.250Z'],
    ['-1y', 'UTC', '2025-05-20T15:45:30.250Z'],
    ['hStart', 'UTC', '2026-05-20T15:00:00.000Z'],
    ['hEnd', 'UTC', '2026-05-20T15:59:59.999Z'],
    ['dStart', 'UTC', '2026-05-20T00:00:00.000Z'],
    ['dEnd', 'UTC', '2026-05-20T23:59:59.999Z'],
    ['-1dStart', 'UTC', '2026-05-19T00:00:00.000Z'],
    ['-1dEnd', 'UTC', '2026-05-19T23:59:59.999Z'],
    ['wStart', 'UTC', '2026-05-18T00:00:00.000Z'],
    ['-1wEnd', 'UTC', '2026-05-17T23:59:59.999Z'],
    ['mStart', 'UTC', '2026-05-01T00:00:00.000Z'],
    ['-1mStart', 'UTC', '2026-04-01T00:00:00.000Z'],
    ['-1mEnd', 'UTC', '2026-04-30T23:59:59.999Z'],
    ['qStart', 'UTC', '2026-04-01T00:00:00.000Z'],
    ['-1qEnd', 'UTC', '2026-03-31T23:59:59.999Z'],
    ['yStart', 'UTC', '2026-01-01T00:00:00.000Z'],
    ['-1yEnd', 'UTC', '2025-12-31T23:59:59.999Z'],
    ['dStart', 'Asia/Kolkata', '2026-05-19T18:30:00.000Z'],
    ['hStart', 'Asia/Kolkata', '2026-05-20T15:30:00.000Z'],
    ['dEnd', 'America/Los_Angeles', '2026-05-21T06:59:59.999Z'],
    ['mStart', 'Pacific/Auckland', '2026-04-30T12:00:00.000Z'],
  ])('%s in %s is %s', (text, zone, expected) => {
    expect(parse(text, zone)).toBe(expected);
    expect(parse(text, zone, 'to')).toBe(expected);
  });

  it('ends a longer month on the last day of a shorter one', () => {
    expect(parse('-1m', 'UTC', 'from', new Date('2026-03-31T10:00:00Z'))).toBe('2026-02-28T10:00:00.000Z');
    expect(parse('-1y', 'UTC', 'from', new Date('2028-02-29T10:00:00Z'))).toBe('2027-02-28T10:00:00.000Z');
  });
});

describe('absolute dates', () => {
  it.each([
    ['2026-01-01', 'UTC', '2026-01-01T00:00:00.000Z', '2026-01-01T23:59:59.999Z'],
    ['2026-01-01', 'Asia/Tokyo', '2025-12-31T15:00:00.000Z', '2026-01-01T14:59:59.999Z'],
    ['2028-02-29', 'UTC', '2028-02-29T00:00:00.000Z', '2028-02-29T23:59:59.999Z'],
    ['0001-01-01', 'UTC', '0001-01-01T00:00:00.000Z', '0001-01-01T23:59:59.999Z'],
    ['9999-12-31', 'UTC', '9999-12-31T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
    ['9999-12-31', 'America/Los_Angeles', '9999-12-31T08:00:00.000Z', '9999-12-31T23:59:59.999Z'],
  ])('the day %s in %s is %s to %s', (text, zone, from, to) => {
    expect(parse(text, zone, 'from')).toBe(from);
    expect(parse(text, zone, 'to')).toBe(to);
  });

  it('keeps the first day within the range that a database can hold', () => {
    expect(parse('0001-01-01', 'Asia/Tokyo', 'from')).toBe('0001-01-01T00:00:00.000Z');
  });

  it.each([
    ['2026-01-01T10:20', 'UTC', '2026-01-01T10:20:00.000Z'],
    ['2026-01-01T10:20:30', 'Asia/Tokyo', '2026-01-01T01:20:30.000Z'],
    ['2026-01-01 10:20:30', 'Asia/Tokyo', '2026-01-01T01:20:30.000Z'],
    ['2026-01-01T10:20:30.123', 'UTC', '2026-01-01T10:20:30.123Z'],
    ['2026-01-01T10:20:30.123456', 'UTC', '2026-01-01T10:20:30.123Z'],
    ['2026-01-01T10:20:30Z', 'Asia/Tokyo', '2026-01-01T10:20:30.000Z'],
    ['2026-01-01T10:20:30+02:00', 'Asia/Tokyo', '2026-01-01T08:20:30.000Z'],
    ['2026-01-01T10:20:30+0200', 'Asia/Tokyo', '2026-01-01T08:20:30.000Z'],
    ['2026-01-01T10:20:30-02', 'Asia/Tokyo', '2026-01-01T12:20:30.000Z'],
    ['2026-01-01T10:20:30 02:00', 'Asia/Tokyo', '2026-01-01T08:20:30.000Z'],
    ['2026-01-01T10:20:30.123456 05:30', 'UTC', '2026-01-01T04:50:30.123Z'],
  ])('the datetime %s in %s is %s for both bounds', (text, zone, expected) => {
    expect(parse(text, zone, 'from')).toBe(expected);
    expect(parse(text, zone, 'to')).toBe(expected);
  });
});

describe('daylight saving', () => {
  it('gives days of 23 and 25 hours', () => {
    expect(parse('2026-03-29', 'Europe/Berlin', 'from')).toBe('2026-03-28T23:00:00.000Z');
    expect(parse('2026-03-29', 'Europe/Berlin', 'to')).toBe('2026-03-29T21:59:59.999Z');
    expect(parse('2026-10-25', 'Europe/Berlin', 'from')).toBe('2026-10-24T22:00:00.000Z');
    expect(parse('2026-10-25', 'Europe/Berlin', 'to')).toBe('2026-10-25T22:59:59.999Z');
  });

  it('starts a day whose midnight is skipped at its first moment', () => {
    expect(parse('2023-04-28', 'Africa/Cairo', 'from')).toBe('2023-04-27T22:00:00.000Z');
    expect(parse('2023-04-27', 'Africa/Cairo', 'to')).toBe('2023-04-27T21:59:59.999Z');
    expect(parse('2018-11-04', 'America/Sao_Paulo', 'from')).toBe('2018-11-04T03:00:00.000Z');
  });

  it('starts a day whose midnight comes twice at the first of the two', () => {
    expect(parse('2024-11-03', 'America/Havana', 'from')).toBe('2024-11-03T04:00:00.000Z');
    expect(parse('2024-11-02', 'America/Havana', 'to')).toBe('2024-11-03T03:59:59.999Z');
  });

  it('takes the wider reading of a time that comes twice, and moves a skipped time on', () => {
    expect(parse('2026-11-01T01:30', 'America/New_York', 'from')).toBe('2026-11-01T05:30:00.000Z');
    expect(parse('2026-11-01T01:30', 'America/New_York', 'to')).toBe('2026-11-01T06:30:00.000Z');
    expect(parse('2026-03-08T02:30', 'America/New_York', 'from')).toBe('2026-03-08T07:30:00.000Z');
  });

  it('counts days on the calendar and hours on the clock', () => {
    const afterChange = new Date('2026-03-30T10:00:00.000Z');
    expect(parse('-2d', 'Europe/Berlin', 'from', afterChange)).toBe('2026-03-28T11:00:00.000Z');
    expect(parse('-48h', 'Europe/Berlin', 'from', afterChange)).toBe('2026-03-28T10:00:00.000Z');
  });

  it('names the hour that now is in, when it comes twice', () => {
    const second = new Date('2026-11-01T06:30:00.000Z');
    expect(parse('hStart', 'America/New_York', 'from', second)).toBe('2026-11-01T06:00:00.000Z');
    expect(parse('hEnd', 'America/New_York', 'from', second)).toBe('2026-11-01T06:59:59.999Z');
  });
});

describe('everything else', () => {
  const bad = [
    '',
    ' ',
    'all',
    'now',
    'd',
    'h',
    '7d',
    '+7d',
    '--7d',
    '- 7d',
    '-7',
    '-d',
    '-7dstart',
    '-7D',
    '-7M',
  ];
  const badRelative = [
    '1dStart',
    '-1.5d',
    '-1dMiddle',
    '-99999999d',
    '-999999999d',
    '-9999y',
    '-2026y',
    '-7d\n',
  ];
  const badAbsolute = [
    '2026',
    '2026-01',
    '2026-1-1',
    '20260101',
    '2026-W01',
    '2026-001',
    '26-01-01',
    '01/02/2026',
  ];
  const outOfRange = ['2026-13-01', '2026-02-30', '2027-02-29', '0000-01-01', '10000-01-01', '-0001-01-01'];
  const badTimes = [
    '2026-01-01T',
    '2026-01-01T10',
    '2026-01-01T25:00',
    '2026-01-01T10:60',
    '2026-01-01T10:20:61',
  ];
  const odd = [
    '2026-01-01T10:20Europe/Berlin',
    "2026-01-01'--",
    '2026-01-01\0',
    '２０２６-01-01',
    '-٧d',
    'toString',
  ];

  it.each([...bad, ...badRelative, ...badAbsolute, ...outOfRange, ...badTimes, ...odd])(
    '%j is no date',
    (text) => {
      expect(parse(text, 'UTC', 'from')).toBeUndefined();
      expect(parse(text, 'UTC', 'to')).toBeUndefined();
    },
  );

  it('is no date in a zone that does not exist', () => {
    expect(parse('-7d', 'Mars/Olympus')).toBeUndefined();
    expect(parse('2026-01-01', 'Mars/Olympus')).toBeUndefined();
  });

  it.each(['-', '-9', '9', ' ', '2026-01-01', '2026-01-01T10:20:30.', 'Start', '\0'])(
    'refuses a megabyte of %j at once',
    (piece) => {
      const text = piece.repeat(Math.ceil(2 ** 20 / piece.length));
      const started = performance.now();
      for (let round = 0; round < 1000; round += 1) expect(parse(text)).toBeUndefined();
      expect(performance.now() - started).toBeLessThan(2000);
    },
  );

  it('never throws, and never leaves the years 0001 to 9999', () => {
    const pieces = fc.constantFrom(
      '-',
      '+',
      ' ',
      '0',
      '1',
      '9',
      '31',
      '2026',
      '0001',
      '9999',
      ':',
      'T',
      'Z',
      '.',
      'd',
    );
    const endings = fc.constantFrom('', 'h', 'd', 'w', 'm', 'q', 'y', 'Start', 'End', 'yEnd', 'wStart');
    const text = fc
      .tuple(fc.array(pieces, { maxLength: 12 }), endings)
      .map(([all, end]) => all.join('') + end);
    const shaped = fc
      .tuple(fc.integer({ min: 0, max: 99_999_999 }), fc.constantFrom('h', 'd', 'w', 'm', 'q', 'y'), endings)
      .map(([amount, unit, end]) => `-${amount}${unit}${end}`);
    const zone = fc.constantFrom('UTC', 'Asia/Tokyo', 'America/Havana', 'Pacific/Apia', 'Etc/GMT+12');
    const bound = fc.constantFrom<Bound>('from', 'to');
    fc.assert(
      fc.property(fc.oneof(text, shaped, fc.string()), zone, bound, (input, timezone, which) => {
        const date = parse(input, timezone, which);
        if (date !== undefined) expect(date).toMatch(/^(?!0000)\d{4}-\d{2}-\d{2}T/);
      }),
      { numRuns: 2000 },
    );
  });

  it('puts `from` never after `to`, for every day', () => {
    const day = fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true });
    const zone = fc.constantFrom('UTC', 'Africa/Cairo', 'America/Havana', 'America/Sao_Paulo', 'Asia/Beirut');
    fc.assert(
      fc.property(day, zone, (date, timezone) => {
        const text = date.toISOString().slice(0, 10);
        const from = parse(text, timezone, 'from') ?? '';
        expect(from).not.toBe('');
        expect(from < (parse(text, timezone, 'to') ?? '')).toBe(true);
      }),
    );
  });
});
