import type { SecretBox } from '#platform/secret-box.ts';
import { refused } from './failures.ts';

export interface AiSettings {
  baseUrl: string;
  model: string;
  /** A server of one's own may need none. */
  apiKey: string | undefined;
}

/** The provider of a project, as the projects feature stores it; throws when it is not set up. */
export function readAiSettings(settings: Record<string, unknown>, box: SecretBox): AiSettings {
  const baseUrl = textOf(settings.ai_base_url);
  const model = textOf(settings.ai_model);
  if (baseUrl === undefined || model === undefined) {
    throw refused('AI is not set up for this project: its base URL or its model is missing.');
  }
  if (!isUsable(baseUrl)) throw refused('The base URL of the AI provider is not a valid one.');
  const sealed = textOf(settings.ai_api_key_sealed);
  if (sealed === undefined) return { baseUrl, model, apiKey: undefined };
  const apiKey = box.open(sealed);
  if (apiKey === undefined) {
    throw refused("The key of the AI provider was stored under another server's secret. Enter it again.");
  }
  return { baseUrl, model, apiKey: apiKey.trim() };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** `fetch` takes no credentials in an address; the key has its own setting. */
function isUsable(baseUrl: string): boolean {
  const url = URL.parse(baseUrl);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}
