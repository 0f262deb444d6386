import { isIP } from 'node:net';
import { parseRateLimits } from '#platform/http/rate-limit-config.ts';
import type { RateLimits } from '#platform/http/rate-limits.ts';
import { parseAllowList } from '#platform/outbound-address.ts';
import type { S3Config } from '#platform/storage/file-storage.ts';

export const ROLES = ['http', 'worker', 'scheduler', 'realtime'] as const;
export type Role = (typeof ROLES)[number];

/** Everything the environment says, read once by main and passed down. README.md has the table. */
export interface Config {
  host: string;
  port: number;
  /** Where the embedded database, its secret and its sockets live. */
  dataDir: string;
  databaseUrl: string | undefined;
  redisUrl: string | undefined;
  /** Origin under which browsers reach Parley, without a trailing slash. */
  publicUrl: string | undefined;
  /** Undefined on the embedded database until the one kept in dataDir is read. */
  secret: string | undefined;
  /** What internal services sign their tokens with; without it their routes let nobody in. */
  serviceSecret: string | undefined;
  roles: ReadonlySet<Role>;
  rateLimits: RateLimits;
  logLevel: string;
  trustedProxies: readonly string[];
  /** Hosts and networks that outgoing requests may reach although they are private. */
  outboundAllow: readonly string[];
  /** Where files are kept; undefined: in dataDir. */
  s3: S3Config | undefined;
  bootstrap: BootstrapConfig;
}

/** What the first start of an empty database takes over; ignored afterwards. */
export interface BootstrapConfig {
  email: string | undefined;
  password: string | undefined;
  apiKey: string | undefined;
  projectToken: string | undefined;
  identitySecret: string | undefined;
}

/** All that is wrong with the configuration, at once. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const MIN_SECRET = 32;
const NO_SECRET =
  'PARLEY_SECRET: is required with DATABASE_URL, the same on every node (try: openssl rand -hex 32)';

/** Parses the environment. Throws a ConfigError that lists every problem. */
export function parseConfig(environment: Environment): Config {
  const problems: string[] = [];
  const text = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const list = (name: string): string[] =>
    (text(name) ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);

  function check<T>(name: string, parse: (value: string) => T, fallback: T): T {
    const value = text(name);
    if (value === undefined) return fallback;
    try {
      return parse(value);
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : 'is not valid'}`);
      return fallback;
    }
  }

  const databaseUrl = check(
    'DATABASE_URL',
    (value) => parseUrl(value, ['postgres:', 'postgresql:']),
    undefined,
  );
  const secret = check('PARLEY_SECRET', parseSecret, undefined);
  const roles = check('PARLEY_ROLES', parseRoles, new Set(ROLES));
  if (databaseUrl && !text('PARLEY_SECRET')) problems.push(NO_SECRET);
  if (text('DATABASE_URL') === undefined && roles.size < ROLES.length) {
    problems.push(
      'PARLEY_ROLES: the embedded database belongs to one process, which needs all roles; set DATABASE_URL to spread them',
    );
  }
  const config: Config = {
    host: text('HOST') ?? '127.0.0.1',
    port: check('PORT', parsePort, 8000),
    dataDir: text('DATA_DIR') ?? './data',
    databaseUrl,
    redisUrl: check('REDIS_URL', (value) => parseUrl(value, ['redis:', 'rediss:']), undefined),
    publicUrl: check('PARLEY_PUBLIC_URL', parsePublicUrl, undefined),
    secret,
    serviceSecret: check('PARLEY_SERVICE_SECRET', parseSecret, undefined),
    roles,
    rateLimits: check('PARLEY_RATE_LIMITS', parseRateLimits, parseRateLimits('default')),
    logLevel: check('LOG_LEVEL', parseLogLevel, 'info'),
    trustedProxies: check('PARLEY_TRUSTED_PROXIES', () => checkProxies(list('PARLEY_TRUSTED_PROXIES')), []),
    outboundAllow: check('PARLEY_OUTBOUND_ALLOW', () => checkAllowed(list('PARLEY_OUTBOUND_ALLOW')), []),
    s3: readS3(text, check, problems),
    bootstrap: {
      email: check('PARLEY_BOOTSTRAP_EMAIL', parseEmail, undefined),
      password: check('PARLEY_BOOTSTRAP_PASSWORD', parsePassword, undefined),
      apiKey: check('PARLEY_BOOTSTRAP_API_KEY', parseToken, undefined),
      projectToken: check('PARLEY_BOOTSTRAP_PROJECT_TOKEN', parseToken, undefined),
      identitySecret: text('PARLEY_BOOTSTRAP_IDENTITY_SECRET'),
    },
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** A bucket, when one is named; what else is needed for it then has to be there. */
function readS3(
  text: (name: string) => string | undefined,
  check: <T>(name: string, parse: (value: string) => T, fallback: T) => T,
  problems: string[],
): S3Config | undefined {
  const bucket = text('PARLEY_S3_BUCKET');
  const [id, key] = [text('PARLEY_S3_ACCESS_KEY_ID'), text('PARLEY_S3_SECRET_ACCESS_KEY')];
  const endpoint = check('PARLEY_S3_ENDPOINT', (value) => parseUrl(value, ['https:', 'http:']), undefined);
  if ((id === undefined) !== (key === undefined))
    problems.push('PARLEY_S3_ACCESS_KEY_ID: goes together with PARLEY_S3_SECRET_ACCESS_KEY');
  if (bucket === undefined) return undefined;
  const credentials =
    id === undefined || key === undefined ? undefined : { accessKeyId: id, secretAccessKey: key };
  return { bucket, region: text('PARLEY_S3_REGION') ?? 'us-east-1', endpoint, credentials };
}

function checkProxies(entries: string[]): string[] {
  for (const entry of entries) {
    if (!isIP(entry.replace(/\/\d{1,3}$/, '')))
      throw new Error(`"${entry}" is no address or network such as 10.0.0.0/8`);
  }
  return entries;
}

function checkAllowed(entries: string[]): string[] {
  parseAllowList(entries);
  return entries;
}

function parsePort(value: string): number {
  const port = Number(value);
  if (!/^\d{1,5}$/.test(value) || port > 65_535) throw new Error('must be a port number from 0 to 65535');
  return port;
}

function parseUrl(value: string, protocols: readonly string[]): string | undefined {
  const url = URL.parse(value);
  if (!url || !protocols.includes(url.protocol)) {
    throw new Error(
      `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );
  }
  return value;
}

function parsePublicUrl(value: string): string | undefined {
  const url = URL.parse(value);
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '') {
    throw new Error('must be an origin such as https://support.example.com');
  }
  return url.origin;
}

function parseSecret(value: string): string | undefined {
  if (value.length < MIN_SECRET) throw new Error(`must have at least ${MIN_SECRET} characters`);
  return value;
}

function parseRoles(value: string): Set<Role> {
  const roles = new Set<Role>();
  for (const name of value.split(',').map((item) => item.trim())) {
    const role = ROLES.find((known) => known === name);
    if (!role) throw new Error(`unknown role "${name}"; the roles are ${ROLES.join(', ')}`);
    roles.add(role);
  }
  return roles;
}

function parseLogLevel(value: string): string {
  if (!LOG_LEVELS.includes(value)) throw new Error(`must be one of ${LOG_LEVELS.join(', ')}`);
  return value;
}

function parseEmail(value: string): string | undefined {
  if (!/^[^\s@]+@[^\s@]+$/.test(value)) throw new Error('must be an e-mail address');
  return value.toLowerCase();
}

function parsePassword(value: string): string | undefined {
  if (value.length < 8 || value.length > 128) throw new Error('must have 8 to 128 characters');
  return value;
}

function parseToken(value: string): string | undefined {
  if (!/^[\x21-\x7e]{8,256}$/.test(value)) throw new Error('must have 8 to 256 printable characters');
  return value;
}
