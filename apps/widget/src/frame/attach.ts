import { newId } from '../shared/id.ts';
import { type Api, Failure } from './api.ts';
import { type Attached, placeOf, type Store } from './state.ts';
import type { Texts } from './texts.ts';

const FILE_MAX = 20 * 1024 * 1024;
const FILES_MAX = 20;

/** Uploads files for what is being written, each with its progress. */
export function attachFiles(store: Store, api: Api, texts: Texts, files: readonly File[]): void {
  const place = placeOf(store.get().ticketId);
  const own = () => store.get().attached[place] ?? [];
  const set = (list: Attached[]) => store.set({ attached: { ...store.get().attached, [place]: list } });
  const change = (key: string, changes: Partial<Attached>) =>
    set(own().map((one) => (one.key === key ? { ...one, ...changes } : one)));
  for (const file of files.slice(0, FILES_MAX - own().length)) {
    const key = newId();
    const abort = new AbortController();
    const attached = { key, name: file.name, progress: 0, file: undefined, failed: undefined };
    set([...own(), { ...attached, cancel: () => abort.abort() }]);
    if (file.size > FILE_MAX) {
      change(key, { failed: texts.tooLarge });
      continue;
    }
    api
      .upload(file, (progress) => change(key, { progress }), abort.signal)
      .then(
        (stored) => change(key, { file: stored, progress: 1 }),
        (error: unknown) => {
          const reason = error instanceof Failure ? error.reason : undefined;
          change(key, { failed: reason ?? texts.failed });
        },
      );
  }
}
