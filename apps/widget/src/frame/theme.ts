import { parseHex, readableOn, textOn } from '../shared/colour.ts';
import type { Colours, Theme } from '../shared/protocol.ts';

const LIGHT = {
  background: '#fffefc',
  surface: '#f5f4f1',
  text: '#1d1b18',
  mutedText: '#66625b',
  border: '#e3e0da',
  agentBubble: '#f1efeb',
};
const DARK = {
  background: '#1b1a18',
  surface: '#262421',
  text: '#f2f0ec',
  mutedText: '#a9a49b',
  border: '#3a3733',
  agentBubble: '#2c2a26',
};

/** The variables of the widget: what the site wants over what we have, and what can be read upon it. */
export function variablesOf(theme: Theme, color: string, isDark: boolean): Record<string, string> {
  const wanted: Colours = isDark ? { ...pickPrimary(theme), ...theme.dark } : theme;
  const colours = { ...(isDark ? DARK : LIGHT), ...clean(wanted) };
  const primary = colours.primary ?? color;
  const all = {
    primary,
    'on-primary': colours.primaryText ?? textOn(primary),
    accent: asText(primary, [colours.agentBubble, colours.surface, colours.background]),
    bg: colours.background,
    surface: colours.surface,
    text: colours.text,
    muted: colours.mutedText,
    border: colours.border,
    'agent-bubble': colours.agentBubble,
    ...clean({ font: theme.fontFamily, radius: theme.borderRadius }),
  };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [`--${name}`, String(value)]));
}

/** A colour as text of links, on every ground that they stand on. Of what is no hex colour nothing can be reckoned. */
function asText(color: string, grounds: readonly string[]): string {
  if (![color, ...grounds].every(parseHex)) return color;
  return grounds.reduce(readableOn, color);
}

/** The colour of the site is the same by night; its surfaces are not. */
function pickPrimary({ primary, primaryText }: Theme): Colours {
  return {
    ...(primary === undefined ? {} : { primary }),
    ...(primaryText === undefined ? {} : { primaryText }),
  };
}

/** What could end a declaration is none. */
function clean<T extends object>(values: T): T {
  const kept = Object.entries(values).filter(
    ([, value]) => typeof value === 'string' && !/[{};<>]/.test(value),
  );
  return Object.fromEntries(kept) as T;
}

export function isDark({ colorScheme }: Theme): boolean {
  if (colorScheme === 'dark') return true;
  return colorScheme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches;
}
