import { apiKeys } from './api-keys.ts';
import { invitations } from './invitations.ts';
import { messages } from './messages.ts';
import { members, organizations } from './organizations.ts';
import { sessions, users } from './people.ts';
import { projectAccess } from './project-access.ts';
import { projects } from './projects.ts';
import { roles } from './roles.ts';
import { stream } from './stream.ts';
import { tickets } from './tickets.ts';

/** Every operation of the API. The SDK's calls are made from it. */
export const contract = {
  apiKeys,
  invitations,
  members,
  messages,
  organizations,
  projectAccess,
  projects,
  roles,
  sessions,
  stream,
  tickets,
  users,
};

export type Contract = typeof contract;
