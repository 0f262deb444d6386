import { useState } from 'preact/hooks';
import { useModel } from './hooks.ts';
import { EmailField, looksLikeEmail } from './identify-form.tsx';

/** Asked once somebody has written and nobody knows where to answer them when they are gone. */
export function AskEmail({ ticketId }: { ticketId: string }) {
  const model = useModel();
  const { texts } = model;
  const [email, setEmail] = useState('');
  const [isWrong, setWrong] = useState(false);
  const [failed, setFailed] = useState<string>();
  const submit = (event: Event) => {
    event.preventDefault();
    if (!looksLikeEmail(email)) return setWrong(true);
    setWrong(false);
    model.giveEmail(ticketId, email.trim()).catch((error: unknown) => setFailed(model.explain(error)));
  };
  return (
    <form class="ask" onSubmit={submit} noValidate>
      <p>{texts.askEmail}</p>
      <EmailField value={email} isWrong={isWrong} change={setEmail} />
      {failed !== undefined && (
        <p class="error" role="alert">
          {failed}
        </p>
      )}
      <button type="submit" class="plain">
        {texts.send}
      </button>
    </form>
  );
}
