import { render } from 'preact';
import type { WidgetConfig } from '../shared/protocol.ts';
import { Api } from './api.ts';
import { App } from './app.tsx';
import { ModelContext } from './hooks.ts';
import { connectHost } from './host.ts';
import { textsOf } from './languages.ts';
import { Model } from './model.ts';
import { callPublicMethod } from './public-methods.ts';
import { createStore, initialState } from './state.ts';
import style from './style.css?inline';
import { isDark, variablesOf } from './theme.ts';

/** What the server wrote into the document. */
const config = JSON.parse(document.getElementById('config')?.textContent ?? 'null') as WidgetConfig;

const sheet = new CSSStyleSheet();
sheet.replaceSync(style);
document.adoptedStyleSheets = [sheet];

let model: Model | undefined;

const host = connectHost({
  hear(message) {
    if (message.kind === 'start') {
      const { visitor, locale, texts } = message;
      document.documentElement.lang = locale;
      document.documentElement.dir = locale === 'ar' ? 'rtl' : 'ltr';
      const store = createStore(initialState(config, message));
      const api = new Api(config.token, visitor);
      model = new Model({ store, texts: textsOf(locale, texts), locale, api, host });
      paint();
      store.subscribe(paint);
      render(
        <ModelContext.Provider value={model}>
          <App />
        </ModelContext.Provider>,
        document.body,
      );
      host.send({ kind: 'ready' });
      model.start();
      model.outbox.resume();
    } else if (message.kind === 'visitor') model?.setVisitor(message.visitor, message.kept);
    else if (message.kind === 'open') model?.setOpen(message.isOpen);
    else if (message.kind === 'theme') model?.setTheme(message.theme);
    else model?.setPage(message.page);
  },
  call: async (method, args) => (model ? callPublicMethod(model, method, args) : null),
});

let painted: unknown;
function paint(): void {
  const theme = model?.store.get().theme ?? {};
  if (theme === painted) return;
  painted = theme;
  const dark = isDark(theme);
  const { style: root } = document.documentElement;
  root.colorScheme = dark ? 'dark' : 'light';
  for (const [name, value] of Object.entries(variablesOf(theme, config.color, dark)))
    root.setProperty(name, value);
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  painted = undefined;
  paint();
});
