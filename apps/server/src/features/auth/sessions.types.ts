import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '#platform/actor.ts';

export interface SignedIn {
  userId: number;
  token: string;
  /** Values of Set-Cookie. */
  cookies: string[];
}

/** Sessions by cookie. Runs outside any unit of work: the library has its own way to the database. */
export interface Sessions {
  find(request: FastifyRequest): Promise<Actor | undefined>;
  /** Undefined when address and password don't belong together; takes as long when there is no such address. */
  signIn(email: string, password: string, request: FastifyRequest): Promise<SignedIn | undefined>;
  /** Makes the browser forget its session. */
  clearCookie(reply: FastifyReply): void;
}
