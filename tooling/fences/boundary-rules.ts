import type { IForbiddenRuleType } from 'dependency-cruiser';

const SERVER = '^apps/server/src/';
const FEATURES = `${SERVER}features/`;
/** The first group is the feature's name; "$1" in a rule's target repeats it. */
const FEATURE = `${FEATURES}([^/]+)/`;
const OWN_FEATURE = `${FEATURES}$1/`;
const TESTS = ['\\.test\\.ts$', '/testing/', '/testing\\.ts$', '^tests/'];
const DATABASE_DRIVERS = 'node_modules/(pg|pg-boss|@electric-sql/pglite)/';
/** Who is calling is asked before a unit of work exists, and the sign-in library runs its own statements. */
const BEFORE_ANY_UNIT_OF_WORK = `${FEATURES}auth/auth\\.(identities|library|sessions)\\.ts$`;
const POOL = `^packages/db/src/(database|listen|migrate)\\.ts$|${DATABASE_DRIVERS}`;

/** What puts the server together: its top-level files (but for the configuration's type), roles and administration. */
const COMPOSITION = `${SERVER}(roles/|admin/|demo/|(?!config\\.ts$)[a-z-]+\\.ts$)`;

/** What a feature shows to the others; everything else in its folder is its own business. */
const SURFACE = '\\.(service|events|policy|types|jobs|sql)\\.ts$';

function forbid(
  name: string,
  comment: string,
  from: IForbiddenRuleType['from'],
  to: { path?: string; pathNot?: string | string[]; dependencyTypesNot?: ['type-only'] } & Record<
    string,
    unknown
  >,
): IForbiddenRuleType {
  return { name, comment, severity: 'error', from, to };
}

/** Who may import what. Paths are relative to the repository; each rule has a seeded violation in fixtures/. */
export const boundaryRules: IForbiddenRuleType[] = [
  forbid(
    'contract-stands-alone',
    'Browsers, the SDK and the command line read the contract: it needs nothing but the schema library.',
    { path: '^packages/contract/', pathNot: TESTS },
    { pathNot: ['^packages/contract/', 'node_modules/typebox/'] },
  ),
  forbid(
    'sdk-knows-only-the-contract',
    'The SDK runs in browsers and in Node, without dependencies.',
    { path: '^packages/sdk/', pathNot: TESTS },
    { pathNot: '^packages/(sdk|contract)/' },
  ),
  forbid(
    'mcp-knows-only-the-contract',
    'The tools are handed a function that calls the API: the SDK over stdio, the router itself in the server.',
    { path: '^packages/mcp/', pathNot: TESTS },
    { path: '^(apps|tests|tooling|packages/(?!mcp/|contract/))' },
  ),
  forbid(
    'db-knows-no-workspace',
    'The database package is below everything.',
    { path: '^packages/db/', pathNot: TESTS },
    { path: '^(apps|tests|tooling|packages/(?!db/))' },
  ),
  forbid(
    'platform-knows-no-feature',
    'No domain word below the features.',
    { path: `${SERVER}platform/`, pathNot: TESTS },
    { path: `${COMPOSITION}|${FEATURES}` },
  ),
  forbid(
    'features-know-no-composition',
    'What a feature needs is handed to it.',
    { path: FEATURES, pathNot: TESTS },
    { path: COMPOSITION },
  ),
  forbid(
    'features-meet-at-their-surface',
    'Another feature is reached through its service, events, policy, types, job definitions or SQL fragments.',
    { path: FEATURE, pathNot: TESTS },
    { path: FEATURES, pathNot: [OWN_FEATURE, SURFACE] },
  ),
  forbid(
    'routes-know-one-feature',
    'A route calls services, its own first (docs/decisions/0006).',
    { path: `${FEATURE}[^/]+\\.routes\\.ts$` },
    { path: FEATURES, pathNot: [OWN_FEATURE, '\\.service\\.ts$'] },
  ),
  forbid(
    'routes-know-no-database',
    'Rules and statements belong to the service and the repo.',
    { path: `${FEATURE}[^/]+\\.routes\\.ts$` },
    { path: `^packages/db/|node_modules/kysely/|\\.repo\\.ts$|${DATABASE_DRIVERS}` },
  ),
  forbid(
    'repos-know-one-feature',
    'A table has one owner; another repo may only join what the owner shows as an SQL fragment.',
    { path: `${FEATURE}[^/]+\\.repo\\.ts$` },
    { path: FEATURES, pathNot: [OWN_FEATURE, '\\.sql\\.ts$'] },
  ),
  forbid(
    'repos-hold-no-rules',
    'A repo is called by services, never the other way round.',
    { path: `${FEATURE}[^/]+\\.repo\\.ts$` },
    { path: '\\.(service|routes|events|jobs)\\.ts$' },
  ),
  forbid(
    'policies-are-pure',
    'A policy decides from what it is given.',
    { path: `${FEATURE}[^/]+\\.policy\\.ts$` },
    {
      path: '\\.(service|routes|repo)\\.ts$|^packages/db/|node_modules/kysely/',
      dependencyTypesNot: ['type-only'],
    },
  ),
  forbid(
    'pool-is-invisible',
    'A statement outside the open unit of work would not commit with it, and hangs on the embedded database.',
    {
      path: '^(apps|packages)/',
      pathNot: [...TESTS, '^packages/db/', `${SERVER}platform/`, COMPOSITION, BEFORE_ANY_UNIT_OF_WORK],
    },
    { path: POOL },
  ),
  forbid(
    'test-tools-stay-in-tests',
    'The running server loads no test code.',
    { pathNot: [...TESTS, '^tooling/', '^vitest\\.config\\.ts$'] },
    { path: '\\.test\\.ts$|^packages/db/src/testing\\.ts$|/testing/|^tests/setup/' },
  ),
  forbid(
    'clients-use-the-sdk',
    'The command line is a client like any other; only administration talks to the server itself.',
    { path: '^apps/(?!server/)', pathNot: TESTS },
    { path: `^packages/db/|${SERVER}(?!admin/)` },
  ),
  forbid(
    'server-is-no-client',
    'The server does not call itself.',
    { path: SERVER, pathNot: TESTS },
    { path: '^(packages/sdk|apps/(?!server/))' },
  ),
  forbid(
    'bench-stays-outside',
    'Numbers are taken over HTTP from another process.',
    { path: '^tests/bench/' },
    { path: '^apps/server/' },
  ),
  forbid(
    'no-cycles',
    // Types are gone at run time, and a job's handler is only loaded when its first job runs.
    'Two files that need each other are one file, or three. Types and lazily imported handlers may refer back.',
    {},
    { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
  ),
  forbid(
    'imports-resolve',
    'An import that leads nowhere hides from every other rule.',
    {},
    { couldNotResolve: true },
  ),
];
