/** What the nodes of one installation share: short-lived values, counts of use, and messages to each other. */
export interface SharedState {
  cache: SharedCache;
  /**
   * Counts one use of a limit, atomically, unless that would exceed `max` within a sliding window. A refused use counts
   * nothing; `retryAfterMs` says when the same use would be allowed if nobody else used the limit.
   */
  limit(key: string, max: number, windowMs: number, cost?: number): Promise<LimitResult>;
  /**
   * Tells all subscribers of the channel, on every node. It is a hint: it may arrive twice, and it is lost by a node that
   * has no connection at the moment, so whoever listens must also look for itself from time to time.
   * Payloads are limited to MAX_PAYLOAD_BYTES, channel names to MAX_CHANNEL_BYTES.
   */
  publish(channel: string, payload: string): Promise<void>;
  /** Answers once messages arrive; the returned function ends it. */
  subscribe(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/**
 * Values that can be made again. Keys have at most MAX_KEY_BYTES and no line feed. A node that was cut off when a key was
 * deleted may keep the old value for the rest of its time to live, so that time bounds how old a value can be.
 */
export interface SharedCache {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Takes the keys out on every node. */
  delete(...keys: string[]): Promise<void>;
}

export interface LimitResult {
  allowed: boolean;
  remaining: number;
  /** 0 when allowed. */
  retryAfterMs: number;
}

/** Is told what failed, and why. */
export type ReportError = (what: string, error: unknown) => void;

/** One notification of PostgreSQL carries less than 8000 bytes; every driver keeps to that, with room for an envelope. */
const MAX_PAYLOAD_BYTES = 7000;
const MAX_CHANNEL_BYTES = 200;
const MAX_KEY_BYTES = 500;

/** Throws a RangeError for a key of the cache that not every driver can carry. */
export function checkKey(key: string): void {
  if (Buffer.byteLength(key) <= MAX_KEY_BYTES && !/[\n\0]/.test(key)) return;
  throw new RangeError(`A key has at most ${MAX_KEY_BYTES} bytes, and no line feed or NUL.`);
}

/** Throws a RangeError for a message that not every driver can carry. */
export function checkMessage(channel: string, payload: string): void {
  if (Buffer.byteLength(channel) > MAX_CHANNEL_BYTES || /[\n\0]/.test(channel)) {
    throw new RangeError(`A channel's name has at most ${MAX_CHANNEL_BYTES} bytes, and no line feed or NUL.`);
  }
  if (Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES || payload.includes('\0')) {
    throw new RangeError(`A payload has at most ${MAX_PAYLOAD_BYTES} bytes, and no NUL.`);
  }
}
