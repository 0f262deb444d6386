type LauncherTexts = readonly [string, string, string];

const ENGLISH: LauncherTexts = ['Open chat', 'Close chat', '{n} unread'];
/** What the button says: to open, to close, and that something is new. */
export const LAUNCHER: Readonly<Record<string, LauncherTexts>> = {
  en: ENGLISH,
  de: ['Chat öffnen', 'Chat schließen', '{n} ungelesen'],
  fr: ['Ouvrir le chat', 'Fermer le chat', '{n} non lus'],
  es: ['Abrir el chat', 'Cerrar el chat', '{n} sin leer'],
  'pt-BR': ['Abrir o chat', 'Fechar o chat', '{n} não lidas'],
  ja: ['チャットを開く', 'チャットを閉じる', '未読 {n} 件'],
  ar: ['فتح المحادثة', 'إغلاق المحادثة', '{n} غير مقروءة'],
};

/** The language of ours that comes closest to what is wanted, in order; English when none does. */
export function pickLocale(wanted: readonly string[]): string {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split(/[-_]/)[0];
    const found = Object.keys(LAUNCHER).find((known) => known.toLowerCase().split('-')[0] === language);
    if (found) return found;
  }
  return 'en';
}

export const textsFor = (locale: string): LauncherTexts => LAUNCHER[locale] ?? ENGLISH;
