import { Parley, type ParleyOptions } from './parley.ts';

declare global {
  interface Window {
    parley?: Parley;
    /** What to start with, where attributes of the script do not say enough. */
    parleySettings?: Partial<ParleyOptions>;
  }
}

/** `<script async src="https://…/parley.js" data-token="prt_…"></script>`: one widget per page, however often it is there. */
function start(): void {
  if (window.parley) return;
  const script =
    document.currentScript instanceof HTMLScriptElement
      ? document.currentScript
      : document.querySelector<HTMLScriptElement>('script[data-token][src*="/parley.js"]');
  const { token = '', locale, identityId, identityHash } = script?.dataset ?? {};
  const identity =
    identityId !== undefined && identityHash !== undefined
      ? { id: identityId, hash: identityHash }
      : undefined;
  const host = script ? new URL(script.src).origin : location.origin;
  window.parley = new Parley({ token, host, locale, identity, ...window.parleySettings });
}

try {
  start();
} catch (error) {
  // biome-ignore lint/suspicious/noConsole: whoever builds the page looks there.
  console.error('Parley could not start.', error);
}
