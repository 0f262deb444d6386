import { isUuid } from './ids.ts';

/** What a service may say of itself and its errand in a token (tickets-api.md 4.8). */
export interface ServiceClaims {
  projectId: number;
  ticketId: string | undefined;
  /** Who writes, for messages. */
  name: string;
}

const ALGORITHM = 'HS256';
const PURPOSE = 'internal_tickets';
/** A token is made for one errand: one that lives longer is refused, however it was signed. */
const MAX_LIFETIME_S = 3600;
const MAX_NAME = 200;
const DEFAULT_NAME = 'Workflow';

const keyOf = (secret: string) => new TextEncoder().encode(secret);

/** A token for one ticket, or for none, which opens nothing. */
export async function signServiceToken(
  secret: string,
  { projectId, ticketId, name }: ServiceClaims,
  { now, seconds = 300 }: { now: Date; seconds?: number },
): Promise<string> {
  const { SignJWT } = await import('jose');
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT({ team_id: projectId, ticket_id: ticketId, purpose: PURPOSE, name })
    .setProtectedHeader({ alg: ALGORITHM })
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + seconds)
    .sign(keyOf(secret));
}

/** The claims of a token that is signed with the secret, for this purpose, and still good; undefined for any other. */
export async function readServiceToken(
  secret: string,
  token: string,
  now: Date,
): Promise<ServiceClaims | undefined> {
  const { jwtVerify, errors } = await import('jose');
  const options = {
    algorithms: [ALGORITHM],
    currentDate: now,
    requiredClaims: ['exp', 'team_id', 'purpose'],
  };
  const payload = await jwtVerify(token, keyOf(secret), options).then(
    (verified) => verified.payload,
    (error: unknown) => {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    },
  );
  if (payload?.purpose !== PURPOSE || typeof payload.team_id !== 'number') return undefined;
  if ((payload.exp ?? 0) > now.getTime() / 1000 + MAX_LIFETIME_S) return undefined;
  const { ticket_id: ticket, name } = payload;
  return {
    projectId: payload.team_id,
    ticketId: typeof ticket === 'string' && isUuid(ticket) ? ticket.toLowerCase() : undefined,
    name: typeof name === 'string' && name.trim() !== '' ? name.trim().slice(0, MAX_NAME) : DEFAULT_NAME,
  };
}
