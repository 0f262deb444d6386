import { useModel, useWidget } from './hooks.ts';
import { Icon } from './icons.tsx';
import { plainText } from './markdown.tsx';
import { fill } from './texts.ts';
import { ago } from './times.ts';

const CUT = 90;

export function TicketList() {
  const model = useModel();
  const { texts, locale } = model;
  const { tickets = [], config, visitor } = useWidget();
  return (
    <main class="list">
      {tickets.length === 0 && <p class="quiet">{texts.none}</p>}
      <ul>
        {tickets.map(({ id, status, unread_count, last_message, last_message_at, created_at }) => (
          <li key={id}>
            <button
              type="button"
              class={unread_count > 0 ? 'row unread' : 'row'}
              onClick={() => model.openTicket(id)}
            >
              <span class="preview">{plainText(last_message ?? '').slice(0, CUT) || texts.attachment}</span>
              <span class="meta">
                <span class={status === 'resolved' ? 'status resolved' : 'status'}>
                  {status === 'resolved' ? texts.statusResolved : texts.statusOpen}
                </span>
                <time datetime={last_message_at ?? created_at}>
                  {ago(last_message_at ?? created_at, texts, locale)}
                </time>
                {unread_count > 0 && (
                  <span class="badge" role="img" aria-label={fill(texts.unread, { n: unread_count })}>
                    {unread_count > 99 ? '99+' : unread_count}
                  </span>
                )}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <div class="actions">
        <button type="button" class="primary" onClick={() => model.newConversation()}>
          <Icon name="plus" />
          {texts.newConversation}
        </button>
        {config.restoreEnabled && !visitor.identity && (
          <button type="button" class="plain" onClick={() => model.showRestore()}>
            {texts.lost}
          </button>
        )}
      </div>
    </main>
  );
}
