import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Message } from './api.ts';
import { AskEmail } from './ask-email.tsx';
import { Bubble, PendingBubble } from './bubble.tsx';
import { Composer } from './composer.tsx';
import { useModel, useWidget } from './hooks.ts';
import { Icon } from './icons.tsx';
import { Markdown } from './markdown.tsx';
import { placeOf } from './state.ts';
import { DEFAULTS, fill, ownText } from './texts.ts';
import { dayOf, returnOf } from './times.ts';

const NONE: readonly Message[] = [];
/** So near to the end, somebody reads what comes. */
const NEAR_PX = 80;

export function Conversation() {
  const model = useModel();
  const { ticketId, messages, pending, tickets = [], typing, traits, visitor } = useWidget();
  const ticket = tickets.find(({ id }) => id === ticketId);
  const shown = ticketId === undefined ? NONE : (messages[ticketId] ?? NONE);
  const own = pending.filter((one) => one.ticketId === ticketId);
  const isTyping = ticketId !== undefined && typing[ticketId] === true;
  const scroll = useBottom();
  const [isDragged, setDragged] = useState(false);
  const drop = (event: JSX.TargetedDragEvent<HTMLElement>) => {
    event.preventDefault();
    setDragged(false);
    model.attach([...(event.dataTransfer?.files ?? [])]);
  };
  const isResolved = ticket?.status === 'resolved';
  const asksEmail = ticket && !isResolved && shown.length > 0 && !traits.email && !visitor.identity;
  return (
    <main
      class="conversation"
      onDragOver={(event) => {
        event.preventDefault();
        setDragged(true);
      }}
      onDragLeave={() => setDragged(false)}
      onDrop={drop}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard. */}
      <section class="messages" ref={scroll} tabIndex={0} aria-label={model.texts.title}>
        <Opening />
        {shown.map((message, index) => (
          <Entry key={message.id} message={message} before={shown[index - 1]} />
        ))}
        {own.map((one) => (
          <PendingBubble key={one.key} pending={one} />
        ))}
        <Receipt messages={shown} hasPending={own.length > 0} />
        {asksEmail && <AskEmail ticketId={ticket.id} />}
        {isTyping && (
          <p class="typing">
            <span class="dots" aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            {model.texts.typing}
          </p>
        )}
      </section>
      {isDragged && <div class="drop">{model.texts.dropHere}</div>}
      {isResolved ? <Resolved ticketId={ticket.id} /> : <Composer key={placeOf(ticketId)} />}
    </main>
  );
}

/** Scrolled to the end whenever something makes it longer or the place smaller, for whoever was there. */
function useBottom() {
  const ref = useRef<HTMLElement>(null);
  const isNear = useRef(true);
  const stay = () => {
    if (ref.current && isNear.current) ref.current.scrollTop = ref.current.scrollHeight;
  };
  useEffect(() => {
    const { current } = ref;
    if (!current) return;
    const watch = () => {
      isNear.current = current.scrollHeight - current.scrollTop - current.clientHeight < NEAR_PX;
    };
    const resized = new ResizeObserver(stay);
    resized.observe(current);
    current.addEventListener('scroll', watch, { passive: true });
    return () => {
      resized.disconnect();
      current.removeEventListener('scroll', watch);
    };
  }, []);
  useEffect(stay);
  return ref;
}

/** The project's own words, and whether somebody is there. */
function Opening() {
  const { texts, locale } = useModel();
  const { config, traits, visitor, ticketId } = useWidget();
  const { away } = config;
  const greetingText = ownText(config.greetingText, texts.greeting, DEFAULTS.greeting);
  const back = away?.until == null ? undefined : returnOf(away.until, locale);
  return (
    <>
      {greetingText !== '' && (
        <div class="bubble team">
          <Markdown text={greetingText} />
        </div>
      )}
      {away && (
        <p class="notice">{back === undefined ? texts.away : fill(texts.awayUntil, { when: back })}</p>
      )}
      {ticketId !== undefined && !visitor.identity && traits.email && (
        <p class="notice">{fill(texts.byEmail, { email: traits.email })}</p>
      )}
    </>
  );
}

function Entry({ message, before }: { message: Message; before: Message | undefined }) {
  const { locale } = useModel();
  const day = dayOf(message.created_at, locale);
  const isNewDay = before === undefined || dayOf(before.created_at, locale) !== day;
  return (
    <>
      {isNewDay && <p class="day">{day}</p>}
      <Bubble message={message} isFollowing={!isNewDay && before?.author_name === message.author_name} />
    </>
  );
}

/** Under the last of the visitor's messages: whether it came, and was read. */
function Receipt({ messages, hasPending }: { messages: readonly Message[]; hasPending: boolean }) {
  const { texts } = useModel();
  const { seen, ticketId } = useWidget();
  const last = messages.at(-1);
  if (hasPending || last?.author_type !== 'customer') return null;
  const isSeen = (seen[placeOf(ticketId)] ?? '') >= last.created_at;
  return <p class="receipt">{isSeen ? texts.seen : texts.sent}</p>;
}

function Resolved({ ticketId }: { ticketId: string }) {
  const model = useModel();
  const { texts } = model;
  const { rated } = useWidget();
  const [failed, setFailed] = useState<string>();
  const rate = (rating: 'good' | 'bad') =>
    void model.rate(ticketId, rating).catch((error: unknown) => setFailed(model.explain(error)));
  return (
    <footer class="ended">
      <p>{texts.resolved}</p>
      {rated[ticketId] ? (
        <p class="quiet">{texts.thanks}</p>
      ) : (
        <fieldset>
          <legend>{texts.howWasIt}</legend>
          {(['good', 'bad'] as const).map((rating) => (
            <button type="button" key={rating} class="plain" onClick={() => rate(rating)}>
              <Icon name={rating} />
              {texts[rating]}
            </button>
          ))}
        </fieldset>
      )}
      {failed !== undefined && (
        <p class="error" role="alert">
          {failed}
        </p>
      )}
      <button type="button" class="primary" onClick={() => model.newConversation()}>
        <Icon name="plus" />
        {texts.newConversation}
      </button>
    </footer>
  );
}
