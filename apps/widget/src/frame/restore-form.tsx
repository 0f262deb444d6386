import { useState } from 'preact/hooks';
import { useModel, useWidget } from './hooks.ts';
import { EmailField, looksLikeEmail } from './identify-form.tsx';

/** The way back to conversations of another browser, by mail. */
export function RestoreForm() {
  const model = useModel();
  const { texts } = model;
  const [email, setEmail] = useState(useWidget().traits.email ?? '');
  const [isWrong, setWrong] = useState(false);
  const [failed, setFailed] = useState<string>();
  const [isDone, setDone] = useState(false);
  const submit = (event: Event) => {
    event.preventDefault();
    if (!looksLikeEmail(email)) return setWrong(true);
    setWrong(false);
    setFailed(undefined);
    model.requestRestore(email).then(
      () => setDone(true),
      (error: unknown) => setFailed(model.explain(error)),
    );
  };
  return (
    <main class="form">
      <h2>{texts.lost}</h2>
      <p>{texts.restoreIntro}</p>
      {isDone ? (
        <p role="status">{texts.restoreDone}</p>
      ) : (
        <form onSubmit={submit} noValidate>
          <EmailField value={email} isWrong={isWrong} change={setEmail} />
          {failed !== undefined && (
            <p class="error" role="alert">
              {failed}
            </p>
          )}
          <button type="submit" class="primary">
            {texts.restoreSend}
          </button>
        </form>
      )}
    </main>
  );
}
