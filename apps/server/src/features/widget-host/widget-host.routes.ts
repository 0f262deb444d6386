import { wire } from '@parley/contract/wire';
import { notFound } from '#platform/api-error.ts';
import type { Binder } from '#platform/http/binder.ts';
import { digestOf, type StaticFile, sendStatic } from '#platform/http/send-static.ts';
import { DEMO_SCRIPT, demoPage } from './demo-page.ts';
import { frameDocument, framePolicy } from './frame-document.ts';
import { readWidgetFile, versionOf } from './widget-files.ts';
import { findHostedWidget } from './widget-host.service.ts';

/** A page that is loaded again is to have the newest button; it asks, which costs an answer without a body. */
const ASK_AGAIN = 0;

/** Where Parley's own widget comes from (docs/widget.md). */
export function bindWidgetHostRoutes(binder: Binder): void {
  binder.read(wire.widgetLoader, async (_context, { request, reply }) => {
    const file = await readWidgetFile('parley.js');
    await sendStatic(request, reply, { ...file, type: 'text/javascript', maxAge: ASK_AGAIN });
    return undefined;
  });
  binder.read(wire.widgetScript, async (_context, { request, reply }) => {
    const file = await readWidgetFile('frame.js');
    // Its address changes with it.
    const maxAge = request.url.endsWith(`?v=${versionOf(file)}`) ? undefined : ASK_AGAIN;
    await sendStatic(request, reply, { ...file, type: 'text/javascript', maxAge });
    return undefined;
  });
  binder.read(wire.widgetConfig, async (context, { params, request, reply }) => {
    const widget = await findHostedWidget(context, params.token);
    await sendStatic(
      request,
      reply,
      own(`export default ${JSON.stringify(widget ?? null)};\n`, 'text/javascript'),
    );
    return undefined;
  });
  binder.read(wire.widgetFrame, async (context, { params, request, reply }) => {
    const widget = await findHostedWidget(context, params.token);
    if (!widget) throw notFound();
    reply.header('content-security-policy', framePolicy(widget.domains));
    const version = versionOf(await readWidgetFile('frame.js'));
    await sendStatic(request, reply, own(frameDocument(widget, version), 'text/html'));
    return undefined;
  });
  binder.read(wire.widgetDemo, async (_context, { query, request, reply }) => {
    await sendStatic(request, reply, own(demoPage(query.token ?? ''), 'text/html'));
    return undefined;
  });
  binder.read(wire.widgetDemoScript, async (_context, { request, reply }) => {
    await sendStatic(request, reply, own(DEMO_SCRIPT, 'text/javascript'));
    return undefined;
  });
}

function own(text: string, type: StaticFile['type']): StaticFile {
  const content = Buffer.from(text);
  return { content, digest: digestOf(content), type, maxAge: ASK_AGAIN };
}
