import type { Message } from './api.ts';
import { useModel } from './hooks.ts';
import { Markdown } from './markdown.tsx';
import { isDocument, RichContent } from './rich-content.tsx';
import type { Pending } from './state.ts';
import { timeOf } from './times.ts';

/** A message of either side. */
export function Bubble({ message, isFollowing }: { message: Message; isFollowing: boolean }) {
  const { texts, locale } = useModel();
  const { content, rich_content, author_type, author_name, created_at } = message;
  const isOwn = author_type === 'customer';
  return (
    <article class={`bubble ${isOwn ? 'own' : 'team'}${isFollowing ? ' following' : ''}`}>
      <p class={isFollowing || isOwn ? 'unseen' : 'author'}>{isOwn ? texts.you : author_name}</p>
      {isDocument(rich_content) ? <RichContent document={rich_content} /> : <Markdown text={content} />}
      <time datetime={created_at}>{timeOf(created_at, locale)}</time>
    </article>
  );
}

/** A message on its way, or one that did not get there: nothing that was typed is lost. */
export function PendingBubble({ pending: { key, text, files, failed, sentId } }: { pending: Pending }) {
  const model = useModel();
  const { texts } = model;
  return (
    <article class={`bubble own ${failed !== undefined ? 'failed' : sentId === undefined ? 'sending' : ''}`}>
      {text !== '' && <Markdown text={text} />}
      {files.map(({ id, name }) => (
        <p key={id} class="file">
          {name}
        </p>
      ))}
      {failed === undefined ? (
        <p class="state">{sentId === undefined ? texts.sending : texts.sent}</p>
      ) : (
        <div class="state" role="alert">
          <p>
            {texts.notSent}. {failed}
          </p>
          <button type="button" class="link" onClick={() => model.outbox.retry(key)}>
            {texts.retry}
          </button>
          <button type="button" class="link" onClick={() => model.outbox.edit(key)}>
            {texts.edit}
          </button>
        </div>
      )}
    </article>
  );
}
