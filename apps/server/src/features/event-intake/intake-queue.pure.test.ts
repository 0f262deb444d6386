import { once } from 'node:events';
import { expect, it } from 'vitest';
import { createIntakeQueue } from './intake-queue.ts';

/** A writer that is done when the test says so. */
function heldQueue(most: number, batch = 10) {
  const written: number[][] = [];
  const lost: number[] = [];
  const gate = new EventTarget();
  const queue = createIntakeQueue<number>({
    most,
    batch,
    everyMs: 1,
    async write(items) {
      written.push([...items]);
      const opened = once(gate, 'open');
      gate.dispatchEvent(new Event('begun'));
      await opened;
      if (items.includes(13)) throw new Error('unlucky');
    },
    onError: (_, count) => lost.push(count),
  });
  const begun = () => once(gate, 'begun');
  const open = () => gate.dispatchEvent(new Event('open'));
  return { queue, written, lost, begun, open };
}

it('takes no more than there is room for, however slow the writer is', async () => {
  const { queue, written, begun, open } = heldQueue(5, 2);
  const first = begun();
  expect([1, 2].map((one) => queue.push(one))).toEqual([true, true]);
  await first;
  // The first two are with the writer.
  expect([3, 4, 5, 6, 7, 8].map((one) => queue.push(one))).toEqual([true, true, true, true, true, false]);
  for (let batch = 0; batch < 2; batch += 1) {
    const next = begun();
    open();
    await next;
  }
  const last = begun();
  const closed = queue.close();
  open();
  await last;
  open();
  await closed;
  expect(written).toEqual([[1, 2], [3, 4], [5, 6], [7]]);
  expect(queue.push(9)).toBe(false);
});

it('goes on after a batch that could not be written', async () => {
  const { queue, written, lost, begun, open } = heldQueue(10, 1);
  const first = begun();
  for (const one of [13, 14]) queue.push(one);
  await first;
  const second = begun();
  open();
  await second;
  open();
  await queue.close();
  expect([written, lost]).toEqual([[[13], [14]], [1]]);
});
