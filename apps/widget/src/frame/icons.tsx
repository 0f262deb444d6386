const PATHS = {
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M15 5l-7 7 7 7',
  send: 'M12 19V5M6 11l6-6 6 6',
  attach:
    'M20 11.5 12.5 19a4.6 4.6 0 0 1-6.5-6.5l7.8-7.8a3 3 0 0 1 4.3 4.3l-7.7 7.7a1.5 1.5 0 0 1-2.2-2.1l7-7',
  plus: 'M12 5v14M5 12h14',
  sound: 'M11 5 6.5 9H3v6h3.5L11 19V5ZM15.5 9a4.2 4.2 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11',
  mute: 'M11 5 6.5 9H3v6h3.5L11 19V5ZM16 9.5l5 5M21 9.5l-5 5',
  good: 'M7 11v9H4v-9h3Zm0 8h9.2a2 2 0 0 0 2-1.6l1.3-6A2 2 0 0 0 17.600 9H13l.8-3.600A1.800 1.800 0 0 0 12 3.200L7 11',
  bad: 'M17 13V4h3v9h-3Zm0-8H7.800a2 2 0 0 0-2 1.600l-1.300 6A2 2 0 0 0 6.400 15H11l-.8 3.600A1.800 1.800 0 0 0 12 20.800L17 13',
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
