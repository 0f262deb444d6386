/** What the operations of a group are about; a group is the first part of their ids. */
export const GROUPS: Readonly<Record<string, string>> = {
  api_keys: 'Personal API keys',
  comments: 'Messages of tickets in the form of the generic comments route',
  email_configs: 'Addresses the team writes from',
  events: 'What changes, as it changes',
  external_tickets: 'Tickets for other systems, with a secret of the project',
  internal_tickets: 'Tickets for services of the same installation, with a token',
  invitations: 'Invitations to an organization',
  members: 'Who is in an organization',
  messages: 'Conversations of tickets',
  notes: 'Private notes on tickets',
  organizations: 'Organizations',
  persons: 'The people who write in',
  project_access: 'Who may do what in a project',
  project_secrets: 'Secrets with which other systems reach tickets',
  projects: 'Projects and their settings',
  roles: 'Groups of people that tickets can be assigned to',
  sessions: 'Sign-in with e-mail and password',
  tags: 'Tags of tickets',
  tickets: 'Tickets',
  users: 'Yourself',
  views: 'Saved lists of tickets',
  webhooks: 'Deliveries of events to other programs',
  working_hours: 'When the team works',
};

export function groupOf(id: string): string {
  return id.slice(0, id.indexOf('.'));
}
