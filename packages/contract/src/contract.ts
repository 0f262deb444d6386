import { apiKeys } from './api-keys.ts';
import { emailConfigs } from './email-configs.ts';
import { invitations } from './invitations.ts';
import { messages } from './messages.ts';
import { members, organizations } from './organizations.ts';
import { sessions, users } from './people.ts';
import { persons } from './persons.ts';
import { projectAccess } from './project-access.ts';
import { projects } from './projects.ts';
import { roles } from './roles.ts';
import { stream } from './stream.ts';
import { tags } from './tags.ts';
import { tickets } from './tickets.ts';
import { views } from './views.ts';

/** Every operation of the API. The SDK's calls are made from it. */
export const contract = {
  apiKeys,
  emailConfigs,
  invitations,
  members,
  messages,
  organizations,
  persons,
  projectAccess,
  projects,
  roles,
  sessions,
  stream,
  tags,
  tickets,
  users,
  views,
};

export type Contract = typeof contract;
