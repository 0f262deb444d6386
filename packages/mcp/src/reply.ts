import { drafts } from '@parley/contract/drafts';
import type { Message } from '@parley/contract/messages';
import { type ApiRequest, wrongArgument } from './api.ts';
import { toRequest } from './arguments.ts';
import { shortMessage } from './present.ts';
import type { Tool, ToolAnswer, ToolCall } from './tool.ts';

/** What a draft can hold; the rest of a reply is for whoever sends it. */
const DRAFT_FIELDS = ['message', 'rich_content'];

/**
 * Replies, or where the key was not granted `ticket:reply` by name leaves the reply for a human (decisions.md 30).
 * Neither `ticket:write` nor `*` will do: a key that was made for other work does not let a model write to customers.
 */
export async function runReply(tool: Tool, toolCall: ToolCall): Promise<ToolAnswer> {
  const request = requestOf(tool, toolCall);
  const { is_private } = request.body ?? {};
  if (is_private !== undefined && typeof is_private !== 'boolean')
    throw wrongArgument('is_private', 'It is true or false.');
  if (is_private !== true && !(await toolCall.scopes()).includes('ticket:reply'))
    return leaveDraft(toolCall, request);
  const answer = await toolCall.call(tool.route, request);
  if (isScheduled(answer)) return { text: `It is sent at ${String(answer.send_at)}.`, data: { ...answer } };
  // The API answers by its declaration.
  const message = answer as Message;
  const text = message.is_private
    ? 'The note is stored; the customer does not see it.'
    : 'The reply is sent.';
  return { text, data: { draft: false, ...shortMessage(message) } };
}

async function leaveDraft(toolCall: ToolCall, request: ApiRequest): Promise<ToolAnswer> {
  const { params, idempotencyKey, signal, body = {} } = request;
  const kept = Object.entries(body).filter(([name]) => DRAFT_FIELDS.includes(name));
  const lost = Object.keys(body).filter((name) => ![...DRAFT_FIELDS, 'is_private'].includes(name));
  const answer = await toolCall.call(drafts.createShared, {
    params,
    query: {},
    body: { ...Object.fromEntries(kept), origin: 'mcp' },
    idempotencyKey,
    signal,
  });
  const { id, ticket_id } = { ...(answer as Record<string, unknown>) };
  const notKept = lost.length > 0 ? ` Not kept: ${lost.join(', ')}.` : '';
  return {
    text: `Nothing was sent: this key may not write to customers. The reply is kept as draft ${String(id)} for a person to send.${notKept}`,
    data: {
      draft: true,
      status: 202,
      reply_draft_id: id,
      ticket_id,
      ...(lost.length > 0 ? { not_kept: lost } : {}),
    },
  };
}

/** The request of a call, with the key that makes it once where the operation knows such keys. */
export function requestOf(tool: Tool, { arguments: given, retryKey, signal }: ToolCall): ApiRequest {
  const request = toRequest(tool, given);
  const idempotencyKey = request.idempotencyKey ?? (tool.route.idempotent ? retryKey : undefined);
  return { ...request, idempotencyKey, signal };
}

function isScheduled(answer: unknown): answer is { send_at: unknown } {
  return typeof answer === 'object' && answer !== null && 'send_at' in answer;
}
