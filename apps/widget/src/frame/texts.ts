/** Everything the widget says by itself. The greeting and what is asked for at first are the project's own. */
export const en = {
  title: 'Messages',
  close: 'Close',
  back: 'Back to conversations',
  conversations: 'Conversations',
  newConversation: 'New conversation',
  write: 'Your message',
  send: 'Send',
  attach: 'Attach files',
  remove: 'Remove {name}',
  dropHere: 'Drop files here',
  sending: 'Sending',
  notSent: 'Not sent',
  retry: 'Try again',
  edit: 'Edit',
  sent: 'Sent',
  seen: 'Seen',
  typing: 'The team is writing',
  you: 'You',
  resolved: 'This conversation was resolved.',
  howWasIt: 'How did we do?',
  good: 'Good',
  bad: 'Not good',
  thanks: 'Thank you.',
  away: 'We are away at the moment. Write to us, we will answer.',
  awayUntil: 'We are back {when}. Write to us, we will answer.',
  byEmail: 'We will e-mail you at {email} if you leave.',
  askEmail: 'Leave your e-mail and we will answer there if you are gone.',
  live: 'Connected',
  reconnecting: 'Connecting again',
  offline: 'You are offline',
  unreachable: 'The server cannot be reached. Your message is kept.',
  tooMany: 'That was a lot at once. Try again in a minute.',
  failed: 'That did not work. Your message is kept.',
  tooLarge: 'A file may have 20 MB at the most.',
  tooLong: '{n} characters too long',
  name: 'Name',
  email: 'E-mail',
  emailInvalid: 'Write an address such as ada@example.com.',
  start: 'Start',
  lost: 'Do you miss earlier conversations?',
  restoreIntro: 'We will e-mail you a link that brings them back in this browser.',
  restoreSend: 'Send the link',
  restoreDone: 'If there are conversations with this address, a link is on its way.',
  soundOn: 'Sound on',
  soundOff: 'Sound off',
  now: 'Just now',
  yesterday: 'Yesterday',
  unread: '{n} unread',
  attachment: 'Attachment',
  statusOpen: 'Open',
  statusResolved: 'Resolved',
  none: 'There are no conversations yet.',
  greeting: 'Hey, how can I help you today?',
  identifyTitle: 'Before we start...',
  identifyText: 'Please provide your details so we can help you better.',
} as const satisfies Record<string, string>;

export type TextName = keyof typeof en;
export type Texts = Readonly<Record<TextName, string>>;

export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** What a project says while it has set nothing (widget.md 3.2). */
export const DEFAULTS = {
  greeting: 'Hey, how can I help you today?',
  placeholder: 'Type your message...',
  identifyTitle: 'Before we start...',
  identifyText: 'Please provide your details so we can help you better.',
} as const;

/** A text of the project's own; the one in the visitor's language where the project has set none. */
export function ownText(text: string, translated: string, usual: string): string {
  return text === usual ? translated : text;
}
