import type { Database } from '@parley/db/database';
import { betterAuth } from 'better-auth';
import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';

export interface AuthLibraryOptions {
  database: Database;
  secret: string;
  /** Browsers reach us over https: cookies are then sent over nothing else. */
  isSecure: boolean;
}

/** The header in which we hand over the caller's address: those of the client itself are never passed on. */
export const IP_HEADER = 'x-parley-ip';
const DAY_SECONDS = 86_400;
const TIMES = { createdAt: 'created_at', updatedAt: 'updated_at' };

const OPTIONAL_TEXT = { type: 'string', required: false, input: false } as const;

/** Where the library finds its words in our tables. */
const TABLES = {
  session: {
    modelName: 'sessions',
    fields: {
      userId: 'user_id',
      ipAddress: 'ip_address',
      userAgent: 'user_agent',
      expiresAt: 'expires_at',
      ...TIMES,
    },
  },
  user: {
    modelName: 'users',
    fields: { emailVerified: 'email_verified', ...TIMES },
    additionalFields: {
      uuid: OPTIONAL_TEXT,
      firstName: { ...OPTIONAL_TEXT, fieldName: 'first_name' },
      lastName: { ...OPTIONAL_TEXT, fieldName: 'last_name' },
    },
  },
  account: {
    modelName: 'accounts',
    fields: {
      userId: 'user_id',
      accountId: 'account_id',
      providerId: 'provider_id',
      accessToken: 'access_token',
      refreshToken: 'refresh_token',
      idToken: 'id_token',
      accessTokenExpiresAt: 'access_token_expires_at',
      refreshTokenExpiresAt: 'refresh_token_expires_at',
      ...TIMES,
    },
  },
  verification: { modelName: 'verifications', fields: { expiresAt: 'expires_at', ...TIMES } },
};

/**
 * A session for somebody whose password was just checked. The library's own sign-in refuses addresses such as
 * admin@localhost. The body is typed and not checked: only our own code calls this.
 */
const startSession = createAuthEndpoint(
  '/parley/start-session',
  { method: 'POST', metadata: { SERVER_ONLY: true, $Infer: { body: {} as { userId: number } } } },
  async (ctx) => {
    const { internalAdapter } = ctx.context;
    const id = String(ctx.body.userId);
    const user = await internalAdapter.findUserById(id);
    if (!user) throw new Error('A session for a user who is gone.');
    const session = await internalAdapter.createSession(id);
    await setSessionCookie(ctx, { session, user });
    return { token: session.token };
  },
);

/**
 * better-auth over our own tables, used as a library behind our routes and never mounted. Its own limits are off
 * (sign-in.limits.ts has ours). Heavy: imported when the first session is used.
 */
export function createAuthLibrary({ database, secret, isSecure }: AuthLibraryOptions) {
  return betterAuth({
    appName: 'Parley',
    // Only cookies and links of routes we never mount would use it.
    baseURL: isSecure ? 'https://parley.invalid' : 'http://parley.invalid',
    secret,
    database: { db: database.kysely, type: 'postgres' },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    logger: { disabled: true },
    plugins: [{ id: 'parley-sessions', endpoints: { startSession } }],
    advanced: {
      cookiePrefix: 'parley',
      useSecureCookies: isSecure,
      database: { generateId: 'serial' },
      ipAddress: { ipAddressHeaders: [IP_HEADER] },
    },
    ...TABLES,
    session: { ...TABLES.session, expiresIn: 30 * DAY_SECONDS, disableSessionRefresh: true },
  });
}

export type AuthLibrary = ReturnType<typeof createAuthLibrary>;
