import { wire } from '@parley/contract/wire';
import type { Clock } from '#platform/clock.ts';
import type { Binder } from '#platform/http/binder.ts';
import { readClientBody } from '#platform/http/client-body.ts';
import type { EventIntake } from './event-intake.ts';

/** Some hundred events with all their properties; more than that is a bomb. */
const UNZIPPED_MAX = 4 * 1024 * 1024;

/**
 * Where `posthog-js` reports events. Every answer is the same, whatever became of them: a client that is told of an error
 * or a quota sends again, or stops the widget (widget.md 3).
 */
export function bindEventIntakeRoutes(binder: Binder, parts: { intake: EventIntake; clock: Clock }): void {
  const { intake, clock } = parts;
  for (const declaration of [wire.capture, wire.captureEvent, wire.captureBatch, wire.captureEvents]) {
    binder.read(declaration, async (_context, { request }) => {
      const body = await readClientBody(request.body, UNZIPPED_MAX);
      if (body !== undefined) intake.take(body, clock.now());
      return { status: 1 as const };
    });
  }
}
