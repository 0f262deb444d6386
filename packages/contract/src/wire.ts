import Type, { type Static } from 'typebox';
import { WIDGET_POSITIONS } from './projects.ts';
import { defineRoute } from './route.ts';
import { AnyJson, JsonObject, StringEnum } from './schemas.ts';

/** The widget as a page is told of it (widget.md 3.2). */
export const WidgetConfig = Type.Object({
  enabled: Type.Literal(true),
  widgetEnabled: Type.Boolean(),
  token: Type.String(),
  greetingText: Type.String(),
  color: Type.String(),
  placeholderText: Type.String(),
  requireEmail: Type.Boolean(),
  collectName: Type.Boolean(),
  identificationFormTitle: Type.String(),
  identificationFormDescription: Type.String(),
  domains: Type.Array(Type.String()),
  widgetPosition: StringEnum(WIDGET_POSITIONS),
});
export type WidgetConfig = Static<typeof WidgetConfig>;

/** What `posthog-js` asks for when a page loads: everything but the widget is off. */
export const RemoteConfig = Type.Object({
  token: Type.String(),
  conversations: Type.Unsafe<WidgetConfig | false>({ anyOf: [WidgetConfig, { const: false }] }),
  hasFeatureFlags: Type.Literal(false),
  supportedCompression: Type.Array(Type.String()),
  analytics: Type.Object({ endpoint: Type.String() }),
  autocapture_opt_out: Type.Literal(true),
  autocaptureExceptions: Type.Literal(false),
  captureDeadClicks: Type.Literal(false),
  capturePerformance: Type.Literal(false),
  defaultIdentifiedOnly: Type.Literal(true),
  elementsChainAsString: Type.Literal(true),
  errorTracking: JsonObject,
  heatmaps: Type.Literal(false),
  isAuthenticated: Type.Literal(false),
  productTours: Type.Literal(false),
  sessionRecording: Type.Literal(false),
  siteApps: Type.Array(AnyJson),
  surveys: Type.Literal(false),
  toolbarParams: JsonObject,
});
export type RemoteConfig = Static<typeof RemoteConfig>;

/** No flags at all, with the configuration where an older client asks for both at once. */
const Flags = Type.Object(
  {
    flags: JsonObject,
    featureFlags: JsonObject,
    featureFlagPayloads: JsonObject,
    errorsWhileComputingFlags: Type.Literal(false),
  },
  { additionalProperties: true },
);

const script = { credentials: 'public', crossOrigin: true } as const;
const javascript = { ...script, produces: ['text/javascript'], responses: { 200: Type.String() } } as const;
const flags = {
  ...script,
  method: 'POST',
  consumes: '*/*',
  query: Type.Object({ config: Type.Optional(Type.String()) }),
  responses: { 200: Flags },
} as const;

const capture = {
  ...script,
  method: 'POST',
  consumes: '*/*',
  responses: { 200: Type.Object({ status: Type.Literal(1) }) },
} as const;

/**
 * What pages and their scripts fetch, by addresses and in forms that are not ours to choose. Declared and bound like every other
 * route, but no operation: it is in neither the SDK, the command line nor the document (docs/decisions/0029).
 */
export const wire = {
  config: defineRoute({
    id: 'remote_config.retrieve',
    method: 'GET',
    path: '/array/:token/config',
    summary: 'The configuration of a page',
    ...script,
    produces: ['application/json'],
    responses: { 200: RemoteConfig },
  }),
  configScript: defineRoute({
    id: 'remote_config.script',
    method: 'GET',
    path: '/array/:token/config.js',
    summary: 'The same as a script',
    ...javascript,
  }),
  snippet: defineRoute({
    id: 'remote_config.snippet',
    method: 'GET',
    path: '/array/:token/array.js',
    summary: 'posthog-js with the configuration in it',
    ...javascript,
  }),
  flags: defineRoute({
    id: 'remote_config.flags',
    path: '/flags/',
    summary: 'Nothing about flags, so that clients are quiet',
    ...flags,
  }),
  decide: defineRoute({
    id: 'remote_config.decide',
    path: '/decide/',
    summary: 'What older clients ask instead of both',
    ...flags,
  }),
  capture: defineRoute({
    id: 'events.capture',
    path: '/e/',
    summary: 'Events of a page',
    ...capture,
  }),
  captureEvent: defineRoute({
    id: 'events.capture_event',
    path: '/capture/',
    summary: 'The same, one by one',
    ...capture,
  }),
  captureBatch: defineRoute({
    id: 'events.capture_batch',
    path: '/batch/',
    summary: 'The same, of programs',
    ...capture,
  }),
  captureEvents: defineRoute({
    id: 'events.capture_events',
    path: '/i/v0/e/',
    summary: 'The same, of newer clients',
    ...capture,
  }),
  widgetLoader: defineRoute({
    id: 'widget_host.loader',
    method: 'GET',
    path: '/parley.js',
    summary: 'The script that a page holds for the widget',
    ...javascript,
  }),
  widgetConfig: defineRoute({
    id: 'widget_host.config',
    method: 'GET',
    path: '/widget/:token/config.js',
    summary: 'What the widget of a project is like, as a module',
    ...javascript,
  }),
  widgetFrame: defineRoute({
    id: 'widget_host.frame',
    method: 'GET',
    path: '/widget/:token/frame',
    summary: 'The document that the widget runs in',
    ...script,
    produces: ['text/html'],
    responses: { 200: Type.String() },
  }),
  widgetScript: defineRoute({
    id: 'widget_host.script',
    method: 'GET',
    path: '/widget/frame.js',
    summary: 'What runs in it',
    ...javascript,
  }),
  widgetDemo: defineRoute({
    id: 'widget_host.demo',
    method: 'GET',
    path: '/widget-demo/',
    summary: 'A page to try the widget on',
    ...script,
    query: Type.Object({ token: Type.Optional(Type.String()) }),
    produces: ['text/html'],
    responses: { 200: Type.String() },
  }),
  widgetDemoScript: defineRoute({
    id: 'widget_host.demo_script',
    method: 'GET',
    path: '/widget-demo/demo.js',
    summary: 'What its buttons do',
    ...javascript,
  }),
  download: defineRoute({
    id: 'files.download',
    method: 'GET',
    path: '/files/:token/:name',
    summary: 'A file that a message holds; its address is all it takes',
    ...script,
    produces: ['application/octet-stream'],
    responses: { 200: Type.String() },
  }),
  file: defineRoute({
    id: 'remote_config.file',
    method: 'GET',
    path: '/static/:file',
    summary: 'A part of posthog-js',
    ...javascript,
  }),
  versionedFile: defineRoute({
    id: 'remote_config.versioned_file',
    method: 'GET',
    path: '/static/:version/:file',
    summary: 'A part of posthog-js, of the one version that is here',
    ...javascript,
  }),
};
