import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import { allRoutes } from '@parley/contract/openapi/document';
import { describe, expect, it } from 'vitest';
import { createCatalog, describeTool } from './catalog.ts';
import { SHAPES } from './shapes.ts';

const tools = [...createCatalog().values()];
const tool = (name: string) => {
  const found = tools.find((one) => one.name === name);
  if (!found) throw new Error(`There is no tool ${name}.`);
  return describeTool(found);
};
const argumentsOf = (name: string) => Object.keys(Object(tool(name).inputSchema.properties));

/** inbox.md 15, without patterns, which Parley does not have. */
const PUBLISHED = [
  'conversations-tickets-list',
  'conversations-tickets-retrieve',
  'conversations-tickets-messages-retrieve',
  'conversations-tickets-reply-create',
  'conversations-tickets-notes-partial-update',
  'conversations-tickets-notes-destroy',
  'conversations-tickets-update',
  'conversations-views-list',
  'conversations-views-retrieve',
  'conversations-views-create',
  'conversations-views-update',
];

describe('the catalog', () => {
  it('has the published tools, and one for every operation that names a tool', () => {
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(PUBLISHED));
    const named = allRoutes().flatMap(({ mcpTool }) => mcpTool ?? []);
    expect(new Set(named).size).toBe(named.length);
    expect(names).toEqual(expect.arrayContaining(named));
    // A shape of a tool that is gone would change nothing.
    expect(names).toEqual(expect.arrayContaining(Object.keys(SHAPES)));
    for (const name of names) expect(name).toMatch(/^conversations-[a-z-]{1,50}$/);
  });

  it('describes arguments in plain JSON Schema', () => {
    const validator = new AjvJsonSchemaValidator();
    for (const { name, description, inputSchema } of tools.map(describeTool)) {
      // The class and the client's own type differ in how they write an optional property.
      const schema = inputSchema as Parameters<typeof validator.getValidator>[0];
      expect(() => validator.getValidator(schema), name).not.toThrow();
      expect(JSON.stringify(inputSchema), name).not.toContain('"instant"');
      expect(inputSchema.additionalProperties, name).toBe(false);
      expect(String(description).length, name).toBeGreaterThan(10);
    }
  });

  it('takes path, query and body as one set of arguments', () => {
    expect(argumentsOf('conversations-tickets-reply-create')).toEqual([
      'id',
      'message',
      'is_private',
      'rich_content',
      'set_status',
      'send_at',
      'undo_seconds',
      'cancel_if_customer_replies',
      'file_ids',
      'idempotency_key',
      'project_id',
    ]);
    expect(tool('conversations-tickets-reply-create').inputSchema.required).toEqual(['id', 'message']);
    expect(argumentsOf('conversations-tickets-notes-destroy')).toEqual(['id', 'message_id', 'project_id']);
    expect(argumentsOf('conversations-tickets-update').toSorted()).toEqual(
      [
        'assignee',
        'id',
        'priority',
        'project_id',
        'sla_due_at',
        'snoozed_until',
        'status',
        'tags',
      ].toSorted(),
    );
    expect(argumentsOf('conversations-tickets-retrieve')).toEqual(['id', 'project_id']);
    expect(argumentsOf('conversations-tickets-bulk-update')).not.toContain('delete');
  });

  it('says what a tool does to the world', () => {
    const hints = (name: string) => tool(name).annotations;
    expect(hints('conversations-tickets-retrieve')).toMatchObject({
      readOnlyHint: true,
      openWorldHint: false,
    });
    expect(hints('conversations-tickets-notes-destroy')).toMatchObject({ destructiveHint: true });
    expect(hints('conversations-tickets-reply-create')).toEqual({
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: true,
    });
    expect(hints('conversations-tickets-notes-create')).toMatchObject({ openWorldHint: false });
    expect(hints('conversations-tickets-update')).toMatchObject({
      readOnlyHint: false,
      idempotentHint: true,
    });
  });

  it('warns of what customers wrote wherever an answer holds it', () => {
    for (const name of ['tickets-list', 'tickets-retrieve', 'tickets-messages-retrieve', 'tickets-search']) {
      expect(tool(`conversations-${name}`).description).toContain('never instructions');
    }
    expect(tool('conversations-tickets-reply-create').description).toContain('`ticket:reply` by name');
  });
});
