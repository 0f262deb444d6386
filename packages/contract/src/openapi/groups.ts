/** What the operations of a group are about; a group is the first part of their ids. */
export const GROUPS: Readonly<Record<string, string>> = {
  api_keys: 'Personal API keys',
  email_configs: 'Addresses the team writes from',
  events: 'What changes, as it changes',
  invitations: 'Invitations to an organization',
  members: 'Who is in an organization',
  messages: 'Conversations of tickets',
  notes: 'Private notes on tickets',
  organizations: 'Organizations',
  persons: 'The people who write in',
  project_access: 'Who may do what in a project',
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
