import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { fieldsOf } from './field.ts';
import { addFieldOptions } from './options.ts';

const text = { type: 'string' };
const SCHEMA = {
  type: 'object',
  required: ['name'],
  properties: {
    name: text,
    url: text,
    tags: { type: 'array', items: text },
    ids: { type: ['array', 'null'], items: { type: 'integer' } },
    size: { type: 'integer' },
    is_open: { type: 'boolean' },
    is_known: { type: ['boolean', 'null'] },
    level: { type: ['string', 'null'], enum: ['low', 'high', null] },
    assignee: {},
    anything: {},
    rows: { type: 'array', items: { type: 'object', properties: { a: text } } },
    filters: {
      type: 'object',
      properties: { sortBy: text, only: { type: 'array', items: text }, deep: { type: 'object' } },
    },
  },
};

/** What the body of a command with these arguments is. */
function read(...args: string[]): unknown {
  const command = new Command('thing').exitOverride().configureOutput({ writeErr: () => {} });
  command.option('--url <url>');
  const fields = addFieldOptions(command, fieldsOf(SCHEMA, 'body'));
  command.parse(args, { from: 'user' });
  return fields.read('body', command.opts());
}

describe('options made from a schema', () => {
  it.each([
    [[], undefined],
    [['--name', 'Ada'], { name: 'Ada' }],
    [['--url', 'http://x', '--body-url', 'http://y'], { url: 'http://y' }],
    [['--tags', 'a', '--tags', 'b c'], { tags: ['a', 'b c'] }],
    [['--tags', ''], { tags: [] }],
    [['--ids', '1', '--ids', '2'], { ids: [1, 2] }],
    [['--ids', 'none'], { ids: null }],
    [['--size', '-3'], { size: -3 }],
    [['--is-open'], { is_open: true }],
    [['--no-is-open'], { is_open: false }],
    [['--is-known', 'false'], { is_known: false }],
    [['--is-known', 'none'], { is_known: null }],
    [['--level', 'low'], { level: 'low' }],
    [['--level', 'none'], { level: null }],
    [['--assignee', 'user:3'], { assignee: { type: 'user', id: 3 } }],
    [['--assignee', '{"type":"role"}'], { assignee: { type: 'role' } }],
    [['--assignee', 'none'], { assignee: null }],
    [['--anything', '7'], { anything: 7 }],
    [['--anything', 'plain text'], { anything: 'plain text' }],
    [['--rows', '[{"a":"x"}]'], { rows: [{ a: 'x' }] }],
    [['--filters.sort-by', 'name', '--filters.only', 'a'], { filters: { sortBy: 'name', only: ['a'] } }],
    [['--filters', '{"only":["z"],"x":1}', '--filters.only', 'a'], { filters: { only: ['a'], x: 1 } }],
    [['--filters.deep', '{"a":{"b":1}}'], { filters: { deep: { a: { b: 1 } } } }],
  ])('%j', (args, body) => {
    expect(read(...args)).toEqual(body);
  });

  it.each([
    [['--size', 'many'], 'It is a number'],
    [['--size', '1', '--size', '2'], 'given twice'],
    [['--ids', 'x'], 'It is a number'],
    [['--is-known', 'maybe'], 'true or false'],
    [['--level', 'middle'], 'low, high'],
    [['--filters', '{"a":'], 'It is JSON'],
    [['--assignee', '{"a":'], 'It is JSON'],
    [['--assignee', 'kim'], 'user:<number>'],
    [['--sort-by', 'name'], 'unknown option'],
  ])('%j is wrong usage', (args, reason) => {
    expect(() => read(...args)).toThrow(reason);
  });
});
