import { useEffect } from 'preact/hooks';
import { Conversation } from './conversation.tsx';
import { useModel, useWidget } from './hooks.ts';
import { Icon } from './icons.tsx';
import { IdentifyForm } from './identify-form.tsx';
import { RestoreForm } from './restore-form.tsx';
import { TicketList } from './ticket-list.tsx';

/** The whole panel. */
export function App() {
  const model = useModel();
  const { view, announced } = useWidget();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) model.close();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [model]);
  return (
    <>
      <Header />
      {view === 'identify' && <IdentifyForm />}
      {view === 'list' && <TicketList />}
      {view === 'conversation' && <Conversation />}
      {view === 'restore' && <RestoreForm />}
      <div class="unseen" role="status" aria-live="polite">
        {announced}
      </div>
    </>
  );
}

function Header() {
  const model = useModel();
  const { texts } = model;
  const { view, tickets = [], isSilent } = useWidget();
  const hasList = view === 'restore' || (view === 'conversation' && tickets.length > 0);
  const sound = isSilent ? texts.soundOff : texts.soundOn;
  return (
    <header>
      {hasList && (
        <button
          type="button"
          class="icon"
          aria-label={texts.back}
          title={texts.back}
          onClick={() => model.showList()}
        >
          <Icon name="back" />
        </button>
      )}
      <h1>{view === 'list' ? texts.conversations : texts.title}</h1>
      <Connection />
      <button
        type="button"
        class="icon"
        aria-label={sound}
        title={sound}
        aria-pressed={!isSilent}
        onClick={() => model.toggleSound()}
      >
        <Icon name={isSilent ? 'mute' : 'sound'} />
      </button>
      <button
        type="button"
        class="icon"
        aria-label={texts.close}
        title={texts.close}
        onClick={() => model.close()}
      >
        <Icon name="close" />
      </button>
    </header>
  );
}

/** Said only where something is wrong: a line that works is no news. */
function Connection() {
  const { texts } = useModel();
  const { connection } = useWidget();
  const [state, text] = {
    live: ['live', texts.live],
    resting: ['live', texts.live],
    reconnecting: ['reconnecting', texts.reconnecting],
    polling: ['reconnecting', texts.reconnecting],
    offline: ['offline', texts.offline],
  }[connection];
  return (
    <span class={`connection ${state}`} role="status">
      <span class={state === 'live' ? 'unseen' : ''}>{text}</span>
    </span>
  );
}
