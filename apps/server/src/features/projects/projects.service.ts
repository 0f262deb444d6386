import type { Project, ProjectUpdate } from '@parley/contract/projects';
import { IANAZone } from 'luxon';
import { recordAudit } from '#features/audit-log/audit-log.service.ts';
import { addFirstIdentitySecret } from '#features/identity-secrets/identity-secrets.service.ts';
import { holdOrganization, showOrganization } from '#features/organizations/organizations.service.ts';
import { requireUser } from '#platform/actor.ts';
import { forbidden, invalid, notFound } from '#platform/api-error.ts';
import { newToken } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import { mergeSettings, presentSettings } from './project-settings.ts';
import * as repo from './projects.repo.ts';

export interface CreateProjectInput {
  organizationId: string;
  name: string;
  timezone?: string | undefined;
  /** Taken as it is; otherwise a random one is made. */
  token?: string | undefined;
  identitySecret?: string | undefined;
}

const NEW_SETTINGS = { widget_enabled: true };
const WIDGET_TOKEN = 'prw_';

/** A new project, with the counters that its tickets and events are numbered by. */
export async function createProject(
  uow: Uow,
  box: SecretBox,
  input: CreateProjectInput,
): Promise<{ id: number; token: string }> {
  checkTimezone(input.timezone);
  await holdOrganization(uow, input.organizationId);
  const token = input.token ?? newToken('prt_');
  const project = {
    organization_id: input.organizationId,
    name: input.name,
    timezone: input.timezone ?? 'UTC',
    token,
    widget_token: newToken(WIDGET_TOKEN),
    conversations_settings: JSON.stringify(NEW_SETTINGS),
  };
  const id = await repo.insert(uow.tx, project, uow.now);
  await repo.insertCounters(uow.tx, id);
  await addFirstIdentitySecret(uow, box, id, input.identitySecret);
  const scope = { organizationId: input.organizationId, projectId: id };
  await recordAudit(uow, scope, { act: 'projects.create', target: asProject({ id, name: input.name }) });
  return { id, token };
}

/** For the first start only: the next project gets number 1. */
export function restartProjectIds(uow: Uow): Promise<void> {
  return repo.restartIds(uow.tx);
}

/** The project with the lowest number, for the start-up banner. */
export function findFirstProject(context: ReadContext): Promise<{ id: number; token: string } | undefined> {
  return repo.findFirst(context.tx);
}

/** The projects a user can access; with a limit, those of them that are in it. */
export async function listProjects(
  context: ReadContext,
  userId: number,
  limit: readonly number[] | null,
): Promise<Project[]> {
  const rows = await repo.findMany(context.tx, userId);
  return rows.filter(({ id }) => limit === null || limit.includes(id)).map(present);
}

/** One project as the caller sees it. */
export async function showProject(context: ReadContext, id: number): Promise<Project> {
  const [row] = await repo.findMany(context.tx, requireUser(context.actor).id, id);
  if (!row) throw notFound();
  return present(row);
}

export async function updateProject(
  uow: Uow,
  box: SecretBox,
  id: number,
  body: ProjectUpdate,
): Promise<Project> {
  const { name, timezone, conversations_enabled, conversations_settings } = body;
  checkTimezone(timezone);
  const stored = await repo.lockSettings(uow.tx, id);
  if (!stored) throw notFound();
  const changes = {
    ...(name === undefined ? {} : { name }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(conversations_enabled === undefined ? {} : { conversations_enabled }),
    ...(conversations_settings === undefined
      ? {}
      : {
          conversations_settings: JSON.stringify(
            mergeSettings(stored.conversations_settings, conversations_settings, box),
          ),
        }),
    ...(conversations_enabled && stored.widget_token === null
      ? { widget_token: newToken(WIDGET_TOKEN) }
      : {}),
  };
  if (Object.keys(changes).length > 0) await repo.update(uow.tx, id, changes);
  const project = await showProject(uow, id);
  const fields = [...Object.keys(changes), ...Object.keys(conversations_settings ?? {})];
  if (fields.length > 0) {
    const scope = { organizationId: project.organization, projectId: id };
    await recordAudit(uow, scope, { act: 'projects.update', target: asProject(project), detail: { fields } });
  }
  return project;
}

/** A new public token: widgets that hold the old one are refused from now on. */
export async function renewWidgetToken(uow: Uow, id: number): Promise<Project> {
  await repo.update(uow.tx, id, { widget_token: newToken(WIDGET_TOKEN) });
  const project = await showProject(uow, id);
  const scope = { organizationId: project.organization, projectId: id };
  const act = 'projects.generate_conversations_public_token';
  await recordAudit(uow, scope, { act, target: asProject(project) });
  return project;
}

/** For those who look after the whole organization: a project takes its customers' conversations with it. */
export async function deleteProject(
  uow: Uow,
  project: { id: number; organizationId: string; name: string },
): Promise<void> {
  await holdOrganization(uow, project.organizationId);
  const { level } = await showOrganization(uow, project.organizationId);
  if (level === 'member') throw forbidden();
  await repo.remove(uow.tx, project.id);
  await recordAudit(uow, project, { act: 'projects.delete', target: asProject(project) });
}

function asProject({ id, name }: { id: number; name: string }) {
  return { type: 'project', id, name };
}

function checkTimezone(name: string | undefined): void {
  // Offsets such as +02:00 pass for zones too, but PostgreSQL reads their sign the other way round.
  if (name === undefined || (/^[A-Za-z]/.test(name) && IANAZone.isValidZone(name))) return;
  throw invalid('timezone', 'This is no time zone of the IANA list.', 'invalid_choice');
}

function present(row: repo.ProjectRow): Project {
  return {
    id: row.id,
    organization: row.organization_id,
    name: row.name,
    timezone: row.timezone,
    token: row.token,
    conversations_enabled: row.conversations_enabled,
    conversations_settings: presentSettings(row.conversations_settings, row.widget_token),
    created_at: formatInstant(row.created_at),
    access_level: row.access,
  };
}
