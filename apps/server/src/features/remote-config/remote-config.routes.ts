import { wire } from '@parley/contract/wire';
import { notFound } from '#platform/api-error.ts';
import type { Binder } from '#platform/http/binder.ts';
import { digestOf, type StaticFile, sendStatic } from '#platform/http/send-static.ts';
import { readClientFile } from './client-files.ts';
import { readClientToken } from './client-token.ts';
import { findRemoteConfig, toScript } from './remote-config.service.ts';

/** A changed colour is to be seen when the page is loaded again; asking whether it did costs an answer without a body. */
const ASK_AGAIN = 0;
const HOUR = 3600;

/** What a page with `posthog-js` loads before there is a widget (widget.md 3). */
export function bindRemoteConfigRoutes(binder: Binder): void {
  binder.read(wire.config, async (context, { params, request, reply }) => {
    const config = await findRemoteConfig(context, params.token);
    if (!config) throw notFound();
    await sendStatic(request, reply, own(JSON.stringify(config), 'application/json'));
    return undefined;
  });
  binder.read(wire.configScript, async (context, { params, request, reply }) => {
    const config = await findRemoteConfig(context, params.token);
    if (!config) throw notFound();
    await sendStatic(request, reply, own(toScript(config), 'text/javascript'));
    return undefined;
  });
  binder.read(wire.snippet, async (context, { params, request, reply }) => {
    const config = await findRemoteConfig(context, params.token);
    const client = await readClientFile('array.js');
    if (!config || !client) throw notFound();
    await sendStatic(request, reply, own(`${toScript(config)}${client.content}`, 'text/javascript'));
    return undefined;
  });
  for (const declaration of [wire.flags, wire.decide]) {
    binder.read(declaration, async (context, { query, request }) => {
      const isAsked = declaration === wire.decide || query.config === 'true';
      const token = isAsked ? await readClientToken(request.body) : undefined;
      const config = token === undefined ? undefined : await findRemoteConfig(context, token);
      return { ...NO_FLAGS, ...config };
    });
  }
  bindFiles(binder);
}

function bindFiles(binder: Binder): void {
  binder.read(wire.file, async (_context, { params, request, reply }) => {
    const file = await readClientFile(params.file);
    if (!file) throw notFound();
    await sendStatic(request, reply, { ...file, type: 'text/javascript', maxAge: HOUR });
    return undefined;
  });
  binder.read(wire.versionedFile, async (_context, { params, request, reply }) => {
    const file = await readClientFile(params.file, params.version);
    if (!file) throw notFound();
    await sendStatic(request, reply, { ...file, type: 'text/javascript', maxAge: undefined });
    return undefined;
  });
}

const NO_FLAGS = {
  flags: {},
  featureFlags: {},
  featureFlagPayloads: {},
  errorsWhileComputingFlags: false,
} as const;

function own(text: string, type: StaticFile['type']): StaticFile {
  const content = Buffer.from(text);
  return { content, digest: digestOf(content), type, maxAge: ASK_AGAIN };
}
