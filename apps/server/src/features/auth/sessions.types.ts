import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '#platform/actor.ts';

export interface StartedSession {
  token: string;
  /** Values of Set-Cookie. */
  cookies: string[];
}

/** Sessions by cookie. Runs outside any unit of work: the library has its own way to the database. */
export interface Sessions {
  find(request: FastifyRequest): Promise<Actor | undefined>;
  /** For somebody who has proved who they are. */
  start(userId: number, request: FastifyRequest): Promise<StartedSession>;
  /** Makes the browser forget its session. */
  clearCookie(reply: FastifyReply): void;
}
