import { expect, it } from 'vitest';
import { nameSchemas } from './named-schemas.ts';

const person = { title: 'Person', type: 'object', properties: { name: { type: 'string' } } };

it('moves titled schemas out of the way, nested ones and nullable ones too', () => {
  const ticket = {
    title: 'Ticket',
    type: 'object',
    properties: { author: person, owner: { ...person, type: ['object', 'null'] } },
  };
  const document = nameSchemas({
    openapi: '3.1.0',
    info: { title: 'Parley' },
    paths: { '/': { schema: ticket } },
  });
  expect(document).toEqual({
    openapi: '3.1.0',
    info: { title: 'Parley' },
    paths: { '/': { schema: { $ref: '#/components/schemas/Ticket' } } },
    components: {
      schemas: {
        Person: person,
        Ticket: {
          title: 'Ticket',
          type: 'object',
          properties: {
            author: { $ref: '#/components/schemas/Person' },
            owner: { anyOf: [{ $ref: '#/components/schemas/Person' }, { type: 'null' }] },
          },
        },
      },
    },
  });
});

it('refuses two different schemas under one title', () => {
  const other = { ...person, properties: {} };
  expect(() => nameSchemas({ paths: { a: person, b: other } })).toThrow('Person');
});
