import { sql } from 'kysely';
import type { Actor } from '#platform/actor.ts';
import type { Clock } from '#platform/clock.ts';
import { parseAllowList } from '#platform/outbound-address.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';
import type { ReadContext, UnitOfWork } from '#platform/unit-of-work.ts';
import { attempt } from './webhooks.attempt.ts';
import { type Claimed, claim } from './webhooks.claim.ts';
import { fanOut } from './webhooks.fan-out.ts';
import { finish, type Outcome } from './webhooks.finish.ts';
import { createPost, type Post } from './webhooks.post.ts';
import { pruneDeliveries } from './webhooks.prune.ts';
import { WAKE_CHANNEL } from './webhooks.wake.ts';

export interface DispatcherParts {
  unitOfWork: UnitOfWork;
  clock: Clock;
  shared: SharedState;
  secretBox: SecretBox;
  /** Where the platform announces which projects have new numbered events. */
  numberedChannel: string;
  outboundAllow: readonly string[];
  /** For one attempt; tests shorten it. */
  timeoutMs?: number | undefined;
  userAgent: string;
  onOutcome(outcome: Outcome): void;
  onError(error: unknown): void;
}

/** How often it looks without a word from the bus, which may lose one; retries become due without any. */
const POLL_MS = 1000;
/** On their way from this process. Each endpoint has few of them, so those that hang leave room for all others. */
const IN_FLIGHT = 100;
const DUE_BATCH = 200;
/** How long deliveries on their way may take when the process is asked to stop. */
const DRAIN_MS = 1000;
const SYSTEM: Actor = { kind: 'system' };

interface Due {
  project_id: number;
  id: string;
  is_behind: boolean;
  is_due: boolean;
  is_stale: boolean;
}

/** Webhooks for which there is something to do. A project that is switched off sends nothing until it is on again. */
async function readDue({ tx, now }: ReadContext): Promise<Due[]> {
  const { rows } = await sql<Due>`
    /* system: webhooks.due */
    select * from (
      select w.project_id, w.id, w.prune_at <= ${now} as is_stale, w.next_due_at,
        p.conversations_enabled and w.enabled and w.cursor_seq < c.last_seq as is_behind,
        p.conversations_enabled and coalesce(w.next_due_at <= ${now}, false) as is_due
      from webhooks w join projects p on p.id = w.project_id join event_counters c on c.project_id = w.project_id
    ) due
    where is_stale or is_behind or is_due order by next_due_at nulls last limit ${DUE_BATCH}`.execute(tx);
  return rows;
}

/**
 * Turns events into deliveries and delivers them. Every worker runs one: locks on the webhooks' rows share the work, and
 * a lease on each delivery outlives whoever dies with it.
 */
export class WebhookDispatcher {
  private readonly parts: DispatcherParts;
  private readonly post: Post;
  private readonly stopping = new AbortController();
  private readonly inFlight = new Set<Promise<void>>();
  /** Projects that were seen to have webhooks; the others' events are not worth a statement. */
  private readonly known = new Set<number>();
  private readonly unsubscribe: (() => Promise<void>)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private passing: Promise<void> | undefined;
  private again = false;
  private stopped = false;

  constructor(parts: DispatcherParts) {
    const { outboundAllow: allow, timeoutMs } = parts;
    this.parts = parts;
    this.post = createPost({ allow, isAllowed: parseAllowList(allow), timeoutMs });
  }

  async start(): Promise<void> {
    const { shared, numberedChannel } = this.parts;
    const onNumbered = (ids: string) => {
      if (this.known.size > 0 && ids.split(',').some((id) => this.known.has(Number(id)))) this.wake();
    };
    this.unsubscribe.push(
      await shared.subscribe(WAKE_CHANNEL, () => this.wake()),
      await shared.subscribe(numberedChannel, onNumbered),
    );
    this.timer = setInterval(() => this.wake(), POLL_MS);
    this.timer.unref();
    this.wake();
  }

  /** Lets what is on its way arrive, for a moment; the rest is sent again by whoever comes next. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    for (const end of this.unsubscribe) await end();
    await this.passing;
    await settle(this.inFlight, DRAIN_MS);
    this.stopping.abort();
    await Promise.all(this.inFlight);
  }

  private wake(): void {
    if (this.stopped) return;
    if (this.passing) {
      this.again = true;
      return;
    }
    this.passing = this.pass().finally(() => {
      this.passing = undefined;
      // Woken after the last look of the pass and before this line.
      if (this.again) this.wake();
    });
  }

  private async pass(): Promise<void> {
    const { unitOfWork, onError } = this.parts;
    do {
      this.again = false;
      try {
        for (const due of await unitOfWork.read(SYSTEM, readDue)) {
          if (this.stopped) return;
          this.known.add(due.project_id);
          // What is wrong with one must not keep the others waiting.
          await this.attend(due).catch(onError);
        }
      } catch (error) {
        if (!this.stopped) onError(error);
      }
    } while (this.again && !this.stopped);
  }

  private async attend(due: Due): Promise<void> {
    const { unitOfWork } = this.parts;
    const key = { project_id: due.project_id, id: due.id };
    if (due.is_behind && (await unitOfWork.run(SYSTEM, (uow) => fanOut(uow, key)))) this.again = true;
    const room = IN_FLIGHT - this.inFlight.size;
    if ((due.is_due || due.is_behind) && room > 0) {
      for (const claimed of await unitOfWork.run(SYSTEM, (uow) => claim(uow, key, room))) this.send(claimed);
    }
    if (due.is_stale && (await unitOfWork.run(SYSTEM, (uow) => pruneDeliveries(uow, key)))) this.again = true;
  }

  private send(claimed: Claimed): void {
    const sending = this.deliver(claimed)
      .catch(this.parts.onError)
      .finally(() => {
        this.inFlight.delete(sending);
        this.wake();
      });
    this.inFlight.add(sending);
  }

  private async deliver(claimed: Claimed): Promise<void> {
    const { clock, unitOfWork, onOutcome, secretBox, userAgent } = this.parts;
    const { post } = this;
    const { signal } = this.stopping;
    const posted = await attempt(claimed, clock.now(), { secretBox, userAgent, post, signal });
    onOutcome(await unitOfWork.run(SYSTEM, (uow) => finish(uow, claimed, posted)));
  }
}

async function settle(work: ReadonlySet<Promise<void>>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.all(work), enough]);
  clearTimeout(timer);
}
