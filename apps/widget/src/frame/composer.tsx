import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useModel, useWidget } from './hooks.ts';
import { Icon } from './icons.tsx';
import { type Attached, placeOf } from './state.ts';
import { DEFAULTS, fill, ownText } from './texts.ts';

const TEXT_MAX = 10_000;
const ACCEPTED = 'image/*,application/pdf,text/*,.zip,.csv,.log,.json,.docx,.xlsx,.pptx,.odt,.ods';
const NONE: readonly Attached[] = [];

/** The one field. Enter sends; what is typed is kept whatever happens. */
export function Composer() {
  const model = useModel();
  const { texts } = model;
  const { drafts, attached, ticketId, config, isOpen } = useWidget();
  const place = placeOf(ticketId);
  const text = drafts[place] ?? '';
  const files = attached[place] ?? NONE;
  const over = [...text.trim()].length - TEXT_MAX;
  const isUploading = files.some(({ file, failed }) => !file && failed === undefined);
  const hasWords = text.trim() !== '' || files.some(({ file }) => file);
  const canSend = hasWords && !isUploading && over <= 0;
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isOpen) field.current?.focus();
  }, [isOpen]);
  useEffect(() => grow(field.current), [text]);
  const send = () => {
    if (canSend) model.outbox.send();
    field.current?.focus();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {files.length > 0 && (
        <ul class="files">
          {files.map((file) => (
            <AttachedFile key={file.key} attached={file} />
          ))}
        </ul>
      )}
      {over > 0 && (
        <p class="error" role="alert">
          {fill(texts.tooLong, { n: over })}
        </p>
      )}
      <div class="field">
        <textarea
          ref={field}
          rows={1}
          value={text}
          dir="auto"
          placeholder={ownText(config.placeholderText, texts.write, DEFAULTS.placeholder)}
          aria-label={texts.write}
          onInput={({ currentTarget }) => model.setDraft(currentTarget.value)}
          onKeyDown={(event) => {
            // An Enter that ends a word of Japanese is not one that sends.
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
          onPaste={(event) => pasteFiles(event, (pasted) => model.attach(pasted))}
        />
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          accept={ACCEPTED}
          onChange={({ currentTarget }) => {
            model.attach([...(currentTarget.files ?? [])]);
            currentTarget.value = '';
          }}
        />
        <button
          type="button"
          class="icon"
          aria-label={texts.attach}
          title={texts.attach}
          onClick={() => picker.current?.click()}
        >
          <Icon name="attach" />
        </button>
        <button
          type="submit"
          class="send"
          aria-label={texts.send}
          title={texts.send}
          aria-disabled={!canSend}
        >
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}

function AttachedFile({ attached: { key, name, progress, file, failed } }: { attached: Attached }) {
  const model = useModel();
  const label = fill(model.texts.remove, { name });
  return (
    <li class={failed === undefined ? 'attached' : 'attached failed'}>
      <span class="name">{name}</span>
      {failed !== undefined && (
        <span class="error" role="alert">
          {failed}
        </span>
      )}
      {!file && failed === undefined && <progress value={progress} max={1} aria-label={name} />}
      <button type="button" class="icon" aria-label={label} title={label} onClick={() => model.detach(key)}>
        <Icon name="close" />
      </button>
    </li>
  );
}

function pasteFiles(event: JSX.TargetedClipboardEvent<HTMLElement>, attach: (files: File[]) => void): void {
  const files = [...(event.clipboardData?.files ?? [])];
  if (files.length === 0) return;
  event.preventDefault();
  attach(files);
}

/** As high as its text, up to what the style allows. */
function grow(field: HTMLTextAreaElement | null): void {
  if (!field) return;
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
}
