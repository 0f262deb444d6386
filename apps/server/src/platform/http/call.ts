import type { BodyOf, MembershipLevel, ParamsOf, QueryOf, RouteDeclaration } from '@parley/contract/route';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor, Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';

/** The organization of a request, with the caller's level in it. */
export interface Organization {
  id: string;
  name: string;
  isAiApproved: boolean;
  level: MembershipLevel;
}

/** Who calls what: what every handler gets besides its unit of work. */
export interface Call<D extends RouteDeclaration = RouteDeclaration> {
  readonly params: ParamsOf<D>;
  readonly query: QueryOf<D>;
  readonly body: BodyOf<D>;
  /** Checks the body of a `lateBody` route; throws as the binder does for the others. */
  checkBody(): void;
  /** The caller, looked up again; throws when they would no longer be let in. Streams ask from time to time. */
  readmit(): Promise<Actor>;
  /**
   * Runs a write once per Idempotency-Key, or simply runs it when the request has none. `write` routes do this
   * themselves; `mixed` ones call it around what they store, in their last unit of work.
   */
  once<T>(uow: Uow, write: () => Promise<T>): Promise<T | Answer>;
  readonly actor: Actor;
  /** Present on routes that declare `project`. */
  readonly project: D['project'] extends string ? Project : undefined;
  /** Present on routes that declare `organization`. */
  readonly organization: D['organization'] extends string ? Organization : undefined;
  /** The address that was called, for page links. */
  readonly url: URL;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** JSON that the database already wrote: passed through as it is. */
export class RawJson {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** An answer that is a whole file of text, of one of the `formats` its route declares. */
export class TextFile {
  readonly text: string;
  readonly type: string;
  readonly name: string;
  constructor(text: string, type: string, name: string) {
    this.text = text;
    this.type = type;
    this.name = name;
  }
}

/** An answer with another status than the route's first one. */
export class Answer {
  readonly status: number;
  readonly body: unknown;
  constructor(status: number, body: unknown) {
    this.status = status;
    this.body = body;
  }
}
