import { textOn } from '../shared/colour.ts';
import type { Theme } from '../shared/protocol.ts';

/** Everything in here is ours alone: no style of the page reaches it, and none of it reaches the page. */
const STYLE =
  ':host{all:initial;position:fixed;z-index:2147483644;inset:0;pointer-events:none}' +
  ':host([hidden]){display:none}' +
  '*{box-sizing:border-box}' +
  'button{pointer-events:auto;position:absolute;width:52px;height:52px;border:0;border-radius:26px;padding:0;cursor:pointer;display:grid;place-items:center;background:var(--primary);color:var(--text);box-shadow:var(--launcher-shadow,0 4px 16px rgb(0 0 0/.18))}' +
  'button:focus-visible{outline:3px solid var(--primary);outline-offset:3px}' +
  'svg{width:24px;height:24px;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}' +
  '.badge{position:absolute;top:-4px;inset-inline-end:-4px;min-width:20px;height:20px;padding:0 5px;border-radius:10px;background:#b3261e;color:#fff;font:600 12px/20px system-ui,sans-serif;text-align:center}' +
  '.badge:empty{display:none}' +
  '.panel{pointer-events:auto;position:absolute;width:392px;height:min(640px,calc(100% - 104px));border-radius:var(--radius,12px);overflow:hidden;background:var(--bg,#fff);box-shadow:var(--window-shadow,0 12px 40px rgb(0 0 0/.22))}' +
  '.panel[hidden]{display:none}' +
  'iframe{width:100%;height:100%;border:0;display:block;color-scheme:normal}' +
  '.right{right:20px}' +
  '.left{left:20px}' +
  '.bottom{bottom:20px}' +
  '.top{top:20px}' +
  '.panel.bottom{bottom:88px}' +
  '.panel.top{top:88px}' +
  '@media(max-width:480px),(max-height:480px){.panel,.panel.bottom,.panel.top{inset:0;width:100%;height:100%;border-radius:0;box-shadow:none}.open button{display:none}}' +
  '.panel{animation:in .18s ease-out}' +
  '@keyframes in{from{opacity:0;transform:translateY(8px)}}';

const SVG = 'http://www.w3.org/2000/svg';
const CHAT = 'M21 12a8 8 0 0 1-8 8H4l1.8-3A8 8 0 1 1 21 12Z';
const CROSS = 'M6 6l12 12M18 6 6 18';

export interface Launcher {
  readonly host: HTMLElement;
  /** Puts the frame into the panel; it stays there. */
  mount(frame: HTMLIFrameElement): void;
  update(state: { isShown: boolean; isOpen: boolean; unread: number }): void;
  paint(theme: Theme): void;
  focus(): void;
}

export interface LauncherParts {
  color: string;
  /** Such as `bottom_right`. */
  position: string;
  texts: readonly [string, string, string];
  isRightToLeft: boolean;
  onClick(): void;
}

export function createLauncher({ color, position, texts, isRightToLeft, onClick }: LauncherParts): Launcher {
  const host = document.createElement('div');
  host.id = 'parley-widget';
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  const box = document.createElement('div');
  box.dir = isRightToLeft ? 'rtl' : 'ltr';
  const sides = position.split('_').join(' ');
  const panel = createPanel(sides);
  const { button, path, badge } = createButton(sides, onClick);
  box.append(panel, button);
  root.append(box);

  const set = (name: string, value: string | undefined) => {
    // What could end a declaration is none.
    if (value !== undefined && !/[{};<>]/.test(value)) host.style.setProperty(name, value);
  };
  function paint(theme: Theme): void {
    const primary = theme.primary ?? color;
    set('--primary', primary);
    set('--text', theme.primaryText ?? textOn(primary));
    set('--radius', theme.borderRadius);
    set('--launcher-shadow', theme.launcherShadow);
    set('--window-shadow', theme.windowShadow);
    const isDark =
      theme.colorScheme === 'dark' ||
      (theme.colorScheme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
    set('--bg', (isDark ? theme.dark?.background : theme.background) ?? (isDark ? '#1b1a18' : '#ffffff'));
  }
  paint({});
  return {
    host,
    mount: (frame) => panel.append(frame),
    update({ isShown, isOpen, unread }) {
      host.hidden = !isShown;
      panel.hidden = !isOpen;
      box.className = isOpen ? 'open' : '';
      path.setAttribute('d', isOpen ? CROSS : CHAT);
      badge.textContent = unread === 0 || isOpen ? '' : unread > 99 ? '99+' : String(unread);
      const [open, close, news] = texts;
      const said = unread > 0 ? `${open} (${news.replace('{n}', String(unread))})` : open;
      button.ariaLabel = isOpen ? close : said;
      button.ariaExpanded = String(isOpen);
    },
    paint,
    focus: () => button.focus(),
  };
}

function createPanel(sides: string): HTMLElement {
  const panel = document.createElement('div');
  panel.className = `panel ${sides}`;
  panel.role = 'dialog';
  panel.hidden = true;
  return panel;
}

function createButton(sides: string, onClick: () => void) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = sides;
  const icon = document.createElementNS(SVG, 'svg');
  icon.setAttribute('viewBox', '0 0 24 24');
  icon.ariaHidden = 'true';
  const path = document.createElementNS(SVG, 'path');
  icon.append(path);
  const badge = document.createElement('span');
  badge.className = 'badge';
  badge.ariaHidden = 'true';
  button.append(icon, badge);
  button.addEventListener('click', onClick);
  return { button, path, badge };
}
