import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { startWireTap } from './wire-tap.ts';

async function connectThroughTap(applicationName: string) {
  const tap = await startWireTap(inject('postgres').url);
  const client = new pg.Client({ connectionString: tap.url, application_name: applicationName });
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await tap.close();
  });
  return { tap, client };
}

test('every statement of the pool is recorded with its parameters', async () => {
  const { tap, client } = await connectThroughTap('parley');
  await client.query('select 0');
  const stop = tap.record();
  await client.query('begin');
  const { rows } = await client.query(
    'select $1::int + 1 as n, $2::text as t, $3::bytea as b, $4::text as missing',
    [41, 'größer', Buffer.from([0, 255]), null],
  );
  for (const word of ['one', 'two']) {
    await client.query({ name: 'named', text: 'select $1::text', values: [word] });
  }
  await client.query('commit');
  const recorded = stop();
  await client.query('select 1');
  expect(rows).toEqual([{ n: 42, t: 'größer', b: Buffer.from([0, 255]), missing: null }]);
  expect(recorded).toEqual([
    { name: '', text: 'begin', values: [] },
    {
      name: '',
      text: 'select $1::int + 1 as n, $2::text as t, $3::bytea as b, $4::text as missing',
      values: ['41', 'größer', Buffer.from([0, 255]), null],
    },
    { name: 'named', text: 'select $1::text', values: ['one'] },
    { name: 'named', text: 'select $1::text', values: ['two'] },
    { name: '', text: 'commit', values: [] },
  ]);
});

test('a statement longer than one packet is put together again', async () => {
  const { tap, client } = await connectThroughTap('parley');
  const stop = tap.record();
  const long = 'x'.repeat(500_000);
  const { rows } = await client.query('select length($1) as n', [long]);
  expect(rows).toEqual([{ n: long.length }]);
  expect(stop()).toEqual([{ name: '', text: 'select length($1) as n', values: [long] }]);
});

test('other connections of the same process are not the pool', async () => {
  const { tap, client } = await connectThroughTap('parley jobs');
  const stop = tap.record();
  await client.query('select 1');
  expect(stop()).toEqual([]);
});
