import { useState } from 'preact/hooks';
import { useModel, useWidget } from './hooks.ts';
import { DEFAULTS, ownText } from './texts.ts';

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Who is there, where the project wants to know before anything else. */
export function IdentifyForm() {
  const model = useModel();
  const { texts } = model;
  const { config, traits } = useWidget();
  const [name, setName] = useState(traits.name ?? '');
  const [email, setEmail] = useState(traits.email ?? '');
  const [isWrong, setWrong] = useState(false);
  const submit = (event: Event) => {
    event.preventDefault();
    const address = email.trim();
    if (!looksLikeEmail(address)) return setWrong(true);
    model.identify({ email: address, ...(name.trim() === '' ? {} : { name: name.trim() }) });
  };
  return (
    <main class="form">
      <h2>{ownText(config.identificationFormTitle, texts.identifyTitle, DEFAULTS.identifyTitle)}</h2>
      <p>{ownText(config.identificationFormDescription, texts.identifyText, DEFAULTS.identifyText)}</p>
      <form onSubmit={submit} noValidate>
        {config.collectName && (
          <label>
            {texts.name}
            <input
              type="text"
              autocomplete="name"
              maxLength={200}
              value={name}
              onInput={({ currentTarget }) => setName(currentTarget.value)}
            />
          </label>
        )}
        <EmailField value={email} isWrong={isWrong} change={setEmail} />
        <button type="submit" class="primary">
          {texts.start}
        </button>
      </form>
    </main>
  );
}

export function EmailField({
  value,
  isWrong,
  change,
}: {
  value: string;
  isWrong: boolean;
  change(text: string): void;
}) {
  const { texts } = useModel();
  return (
    <label>
      {texts.email}
      <input
        type="email"
        autocomplete="email"
        maxLength={254}
        value={value}
        aria-invalid={isWrong}
        aria-describedby="email-wrong"
        onInput={({ currentTarget }) => change(currentTarget.value)}
      />
      <span id="email-wrong" class="error" role="alert">
        {isWrong ? texts.emailInvalid : ''}
      </span>
    </label>
  );
}

export const looksLikeEmail = (text: string): boolean => EMAIL.test(text.trim());
