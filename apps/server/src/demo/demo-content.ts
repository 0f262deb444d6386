/** One kind of conversation: what the customer writes, what the team answers, what it notes. */
export interface DemoStory {
  subject: string;
  tags: readonly string[];
  /** Alternating, the customer first. */
  lines: readonly [string, ...string[]];
  note?: string;
}

type Stories = readonly [DemoStory, ...DemoStory[]];
type Names = readonly [string, ...string[]];

export const STORIES: Stories = [
  {
    subject: "Can't log in since the update",
    tags: ['login', 'bug'],
    lines: [
      'Since this morning I get "invalid token" when I sign in. It worked yesterday.',
      'Sorry about that. Could you tell us which browser you use, and whether a private window helps?',
      'Firefox 142 on Linux. A private window works!',
      'Thank you. An old cookie is in the way: clear the cookies of our site once and it will work everywhere.',
      'That was it. Thanks for the quick help.',
    ],
    note: 'Third report today. The session cookie of 4.2 is not refused cleanly by 4.3.',
  },
  {
    subject: 'Invoice for March shows the wrong VAT number',
    tags: ['billing'],
    lines: [
      'Our VAT number changed in February but the March invoice still shows the old one. Can you reissue it?',
      'Of course. Please send us the new number and the date it became valid.',
      'DE 301 222 111, valid from 1 February.',
      'The corrected invoice is in your account under Billing, Documents.',
    ],
  },
  {
    subject: 'Webhook deliveries stop after a while',
    tags: ['api', 'webhooks'],
    lines: [
      'Our endpoint receives webhooks for about an hour, then nothing until we save the settings again.',
      'Could you send us the ids of two deliveries that are missing?',
      'evt_8812 and evt_8820. Our logs show nothing for them.',
    ],
    note: 'Their endpoint answers 301 to a new path. We do not follow redirects; the breaker opens after 20.',
  },
  {
    subject: 'How do I export all tickets of a quarter?',
    tags: ['how-to', 'export'],
    lines: [
      'I need all tickets from January to March as CSV for a review. Is there a way without the API?',
      'Yes: filter by created date, then choose Export in the list menu. Attachments are linked, not included.',
      'Perfect, found it.',
    ],
  },
  {
    subject: 'Card was charged twice',
    tags: ['billing', 'urgent'],
    lines: [
      'My card shows two charges of 49.00 on the same day. Please refund one.',
      'We see it, and the second charge is refunded. Your bank needs two to three days to show it.',
    ],
  },
  {
    subject: 'Rate limit on the API',
    tags: ['api', 'how-to'],
    lines: [
      'What is the request limit per key? We get 429 during our nightly sync.',
      'It is 480 requests a minute. The Retry-After header says how long to wait.',
      'Could it be raised for us? We sync 20,000 records.',
    ],
  },
  {
    subject: 'Dark mode makes quoted text unreadable',
    tags: ['bug', 'design'],
    lines: [
      'In dark mode, quoted text is dark grey on black. Screenshot is attached to the issue I opened as well.',
    ],
    note: 'Confirmed on Windows with high contrast. Token "faint" is used where "muted" belongs.',
  },
  {
    subject: 'Please delete my account and data',
    tags: ['privacy'],
    lines: [
      'I no longer use the service. Please delete my account and everything you hold about me.',
      'We will. To be sure that it is you, please confirm from the address of the account.',
      'Confirmed.',
    ],
  },
  {
    subject: 'Single sign-on with our identity provider',
    tags: ['sso', 'enterprise'],
    lines: [
      'We want to roll this out to 300 people. Do you support OIDC with group mapping?',
      'Yes on the Business plan. Which provider do you use?',
      'Keycloak 26.',
      'Good, that is one of those we test with. I have put the guide and a call link into your account.',
    ],
  },
  {
    subject: 'Import from the old helpdesk stopped at 40 %',
    tags: ['import', 'bug'],
    lines: ['The import of 12,000 tickets has shown 40 % since last night. Should I start it again?'],
  },
  {
    subject: 'Thank you',
    tags: ['feedback'],
    lines: [
      'Just wanted to say that the new keyboard shortcuts save me an hour a day.',
      'That made our day. Thank you!',
    ],
  },
];

export const CUSTOMERS: Names = [
  'Ada Lovelace',
  'Grace Hopper',
  'Alan Turing',
  'Katherine Johnson',
  'Edsger Dijkstra',
  'Barbara Liskov',
  'Donald Knuth',
  'Radia Perlman',
  'Tim Berners-Lee',
  'Margaret Hamilton',
  'Dennis Ritchie',
  'Frances Allen',
  'Ken Thompson',
  'Shafi Goldwasser',
  'Leslie Lamport',
  'Hedy Lamarr',
  'Claude Shannon',
  'Annie Easley',
  'Niklaus Wirth',
  'Adele Goldberg',
];

export const COMPANIES: Names = ['Acme', 'Northwind', 'Initech', 'Hooli', 'Globex'];
export const PLANS: Names = ['Free', 'Pro', 'Business'];

export const COLLEAGUES = [
  { email: 'ben@demo.parley.local', firstName: 'Ben', lastName: 'Okafor' },
  { email: 'chiara@demo.parley.local', firstName: 'Chiara', lastName: 'Rossi' },
  { email: 'dana@demo.parley.local', firstName: 'Dana', lastName: 'Levi' },
] as const;
