import { ApiError } from '#platform/api-error.ts';

const RETRY_SECONDS = 10;

/** Bounds how many streams each caller has open in this process: every one costs memory as long as it lasts. */
export class OpenStreams {
  private readonly byCaller = new Map<string, number>();
  private readonly max: number;

  constructor(max: number) {
    this.max = max;
  }

  /** Throws 429 when the caller has enough of them; the returned function gives the place back, once. */
  take(caller: string): () => void {
    const open = this.byCaller.get(caller) ?? 0;
    if (open >= this.max) {
      throw new ApiError('throttled', `At most ${this.max} event streams can be open at a time.`, {
        retryAfterSeconds: RETRY_SECONDS,
      });
    }
    this.byCaller.set(caller, open + 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      const left = (this.byCaller.get(caller) ?? 1) - 1;
      if (left === 0) this.byCaller.delete(caller);
      else this.byCaller.set(caller, left);
    };
  }
}
