import { createOutboundFetch, readLimited } from '#platform/outbound-fetch.ts';
import type { AiSettings } from './ai-settings.ts';
import { fromAnswer, fromExchange, fromStatus, refused } from './failures.ts';
import type { SuggestionPrompt } from './prompt.ts';

export interface DrafterOptions {
  allow: readonly string[];
  /** For the whole exchange with the provider. */
  timeoutMs?: number;
}

/** Asks a provider once. Answers text with something in it, or throws one of the failures of failures.ts. */
export type Draft = (settings: AiSettings, prompt: SuggestionPrompt, signal: AbortSignal) => Promise<string>;

const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
/** A reply holds no more (ReplyBody of the contract). */
const MAX_SUGGESTION = 5000;

/** Drafts through any provider that speaks the chat-completions protocol of OpenAI. */
export function createDrafter({ allow, timeoutMs = TIMEOUT_MS }: DrafterOptions): Draft {
  const send = createOutboundFetch({ allow, timeoutMs });
  return async ({ baseUrl, model, apiKey }, { instructions, data }, signal) => {
    // Loaded on first use: two of the largest libraries, and most servers never draft.
    const [{ generateText }, { createOpenAICompatible }] = await Promise.all([
      import('ai'),
      import('@ai-sdk/openai-compatible'),
    ]);
    try {
      const provider = createOpenAICompatible({
        name: 'provider',
        baseURL: baseUrl,
        fetch: guardedFetch(send, signal),
        ...(apiKey === undefined ? {} : { apiKey }),
      });
      const { text } = await generateText({
        model: provider(model),
        instructions,
        // No tools are named, so a model that was talked into calling one calls nothing.
        prompt: data,
        // Who asked is waiting, and can ask again.
        maxRetries: 0,
        abortSignal: signal,
        experimental_download: refuseDownloads,
      });
      return tidy(text);
    } catch (error) {
      throw fromAnswer(error, signal);
    }
  };
}

/** Sends to the configured address only, and reads only so much of an answer. */
function guardedFetch(send: typeof fetch, signal: AbortSignal): typeof fetch {
  return async (input, init) => {
    try {
      // Not followed: the customer's words are meant for this provider, not for whoever it names.
      const response = await send(input, { ...init, redirect: 'manual' });
      if (!response.ok) {
        // What it says is not wanted; unread, it would hold the connection.
        await response.body?.cancel();
        throw fromStatus(response.status);
      }
      const answer = await readLimited(response, MAX_ANSWER_BYTES);
      return new Response(answer.toString('utf8'), { headers: { 'content-type': 'application/json' } });
    } catch (error) {
      throw fromExchange(error, signal);
    }
  };
}

/** The library fetches files that an answer links to by itself, past the guard. */
async function refuseDownloads(files: readonly unknown[]): Promise<never[]> {
  if (files.length > 0) throw new Error('A suggestion has no files.');
  return [];
}

function tidy(text: string): string {
  // NUL cannot be stored.
  const suggestion = text.replaceAll('\0', '').trim().slice(0, MAX_SUGGESTION).toWellFormed();
  if (suggestion === '') throw refused('The AI provider gave an empty answer.');
  return suggestion;
}
