import type { Database } from '@parley/db/database';
import type { Actor } from '#platform/actor.ts';
import type { AuthLibrary } from './auth.library.ts';
import type { Sessions } from './sessions.types.ts';

export interface SessionsParts {
  database: Database;
  /** Of the installation; session cookies are signed with it. */
  secret: string;
  publicUrl: string | undefined;
}

export function createSessions({ database, secret, publicUrl }: SessionsParts): Sessions {
  const isSecure = publicUrl?.startsWith('https:') ?? false;
  const cookieName = `${isSecure ? '__Secure-' : ''}parley.session_token`;
  let loading: Promise<AuthLibrary> | undefined;

  /** Costs 40 MB, so a server that only programs talk to never pays for it. */
  function library(): Promise<AuthLibrary> {
    loading ??= import('./auth.library.ts').then(({ createAuthLibrary }) =>
      createAuthLibrary({ database, secret, isSecure }),
    );
    return loading;
  }

  return {
    async find(request) {
      const { cookie } = request.headers;
      if (!cookie?.includes(`${cookieName}=`)) return undefined;
      const { api } = await library();
      return toActor(await api.getSession({ headers: new Headers({ cookie }) }));
    },

    async start(userId, request) {
      const { api } = await library();
      const { IP_HEADER } = await import('./auth.library.ts');
      const headers = new Headers({ [IP_HEADER]: request.ip });
      headers.set('user-agent', (request.headers['user-agent'] ?? '').slice(0, 500));
      const answer = await api.startSession({ body: { userId }, headers, returnHeaders: true });
      return { token: answer.response.token, cookies: answer.headers.getSetCookie() };
    },

    clearCookie(reply) {
      const secure = isSecure ? '; Secure' : '';
      reply.header('set-cookie', `${cookieName}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax${secure}`);
    },
  };
}

type FoundSession = Awaited<ReturnType<AuthLibrary['api']['getSession']>>;

function toActor(found: FoundSession): Actor | undefined {
  if (!found) return undefined;
  const { session, user } = found;
  return {
    kind: 'session',
    sessionId: session.id,
    user: {
      id: Number(user.id),
      uuid: user.uuid ?? '',
      email: user.email,
      firstName: user.firstName ?? '',
      lastName: user.lastName ?? '',
    },
  };
}
