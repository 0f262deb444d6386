import Type, { type Static } from 'typebox';
import { BasicUser } from './people.ts';
import { defineRoute } from './route.ts';
import { Instant, NonBlank, Nullable, Page, PageQuery, StringEnum, Uuid } from './schemas.ts';
import { CHANNEL_SOURCES } from './tickets.ts';

const GUIDANCE_RULES_PATH = '/api/projects/:project_id/conversations/guidance_rules/';
const GUIDANCE_RULE_PATH = `${GUIDANCE_RULES_PATH}:id/` as const;

export const GUIDANCE_RULE_TYPES = ['tone', 'escalation'] as const;

const channels = Type.Array(StringEnum(CHANNEL_SOURCES), {
  maxItems: 20,
  description: 'Empty: all of them.',
});

/** tickets-api.md 4.4. */
export const GuidanceRule = Type.Object(
  {
    id: Uuid,
    rule_type: StringEnum(GUIDANCE_RULE_TYPES),
    name: Type.String(),
    content: Type.String(),
    is_active: Type.Boolean(),
    channels,
    created_by: Nullable(BasicUser),
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'GuidanceRule' },
);
export type GuidanceRule = Static<typeof GuidanceRule>;

const ruleType = StringEnum(GUIDANCE_RULE_TYPES);
const content = NonBlank(50_000);
const fields = {
  is_active: Type.Optional(Type.Boolean()),
  channels: Type.Optional(channels),
};
export const GuidanceRuleCreate = Type.Object(
  { rule_type: ruleType, name: NonBlank(200), content, ...fields },
  { title: 'GuidanceRuleCreate' },
);
export type GuidanceRuleCreate = Static<typeof GuidanceRuleCreate>;
export const GuidanceRuleUpdate = Type.Object(
  {
    rule_type: Type.Optional(ruleType),
    name: Type.Optional(NonBlank(200)),
    content: Type.Optional(content),
    ...fields,
  },
  { title: 'GuidanceRuleUpdate' },
);
export type GuidanceRuleUpdate = Static<typeof GuidanceRuleUpdate>;

export const GuidanceRuleListQuery = Type.Object({
  ...PageQuery,
  is_active: Type.Optional(
    Type.String({ description: '`true` in any case; anything else lists those that are not.' }),
  ),
  search: Type.Optional(Type.String({ description: 'Part of the name; up to 200 characters.' })),
  rule_type: Type.Optional(Type.String({ description: 'One type; an unknown one lists nothing.' })),
});
export type GuidanceRuleListQuery = Static<typeof GuidanceRuleListQuery>;

const read = { credentials: ['ticket:read'], project: 'viewer' } as const;
const write = { credentials: ['ticket:write'], project: 'editor' } as const;

/** How the AI is to write, and when to hand over. */
export const guidanceRules = {
  list: defineRoute({
    id: 'guidance_rules.list',
    method: 'GET',
    path: GUIDANCE_RULES_PATH,
    summary: 'List guidance rules, newest first',
    ...read,
    query: GuidanceRuleListQuery,
    responses: { 200: Page(GuidanceRule) },
  }),
  create: defineRoute({
    id: 'guidance_rules.create',
    method: 'POST',
    path: GUIDANCE_RULES_PATH,
    summary: 'Create a guidance rule',
    ...write,
    body: GuidanceRuleCreate,
    idempotent: true,
    responses: { 201: GuidanceRule },
  }),
  retrieve: defineRoute({
    id: 'guidance_rules.retrieve',
    method: 'GET',
    path: GUIDANCE_RULE_PATH,
    summary: 'Get a guidance rule',
    ...read,
    responses: { 200: GuidanceRule },
  }),
  update: defineRoute({
    id: 'guidance_rules.update',
    method: 'PATCH',
    path: GUIDANCE_RULE_PATH,
    summary: 'Change fields of a guidance rule',
    ...write,
    body: GuidanceRuleUpdate,
    responses: { 200: GuidanceRule },
  }),
  replace: defineRoute({
    id: 'guidance_rules.replace',
    method: 'PUT',
    path: GUIDANCE_RULE_PATH,
    summary: 'Change fields of a guidance rule (the same as PATCH, with a whole rule)',
    ...write,
    body: GuidanceRuleCreate,
    responses: { 200: GuidanceRule },
  }),
  delete: defineRoute({
    id: 'guidance_rules.delete',
    method: 'DELETE',
    path: GUIDANCE_RULE_PATH,
    summary: 'Delete a guidance rule for good',
    ...write,
    responses: { 204: null },
  }),
};
