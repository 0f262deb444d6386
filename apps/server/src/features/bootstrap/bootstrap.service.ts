import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { BootstrapConfig } from '#config.ts';
import { issueKey } from '#features/api-keys/api-keys.service.ts';
import { createUser, hasUsers, preparePassword } from '#features/auth/users.service.ts';
import { createOrganization, hasOrganizations } from '#features/organizations/organizations.service.ts';
import { createProject, findFirstProject, restartProjectIds } from '#features/projects/projects.service.ts';
import type { Actor } from '#platform/actor.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import type { ReadContext, UnitOfWork, Uow } from '#platform/unit-of-work.ts';

export interface BootstrapParts {
  unitOfWork: UnitOfWork;
  secretBox: SecretBox;
  config: BootstrapConfig;
}

export interface BootstrapResult {
  /** False when the database held somebody already; then nothing was changed. */
  created: boolean;
  /** Of the administrator who was made, or who would have been. */
  email: string;
  /** Only when it was generated just now: it is not kept anywhere. */
  password: string | undefined;
  /** Of the project with the lowest number; undefined when there is none any more. */
  projectToken: string | undefined;
  projectId: number | undefined;
}

const SYSTEM: Actor = { kind: 'system' };
const DEFAULT_EMAIL = 'admin@parley.local';

/** Fills an empty database with an organization, its owner and project 1. Nodes that start together do it once. */
export async function bootstrap({ unitOfWork, secretBox, config }: BootstrapParts): Promise<BootstrapResult> {
  const email = config.email ?? DEFAULT_EMAIL;
  const earlier = await unitOfWork.read(SYSTEM, describe);
  if (earlier) return { created: false, email, password: undefined, ...earlier };
  const generated = config.password === undefined ? randomBytes(18).toString('base64url') : undefined;
  const passwordHash = await preparePassword(config.password ?? generated ?? '');
  return unitOfWork.run(SYSTEM, async (uow) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('bootstrap', 0))`.execute(uow.tx);
    const won = await describe(uow);
    if (won) return { created: false, email, password: undefined, ...won };
    const project = await create(uow, secretBox, config, email, passwordHash);
    return {
      created: true,
      email,
      password: generated,
      projectToken: project.token,
      projectId: project.id,
    };
  });
}

/** Undefined while the database is empty. */
async function describe(context: ReadContext) {
  const [hasPeople, hasOrganization] = [await hasUsers(context), await hasOrganizations(context)];
  if (!hasPeople && !hasOrganization) return undefined;
  const project = await findFirstProject(context);
  return { projectToken: project?.token, projectId: project?.id };
}

async function create(
  uow: Uow,
  secretBox: SecretBox,
  config: BootstrapConfig,
  email: string,
  passwordHash: string,
) {
  const user = await createUser(uow, { email, firstName: 'Admin', lastName: '', passwordHash });
  if (!user) throw new Error('A user in a database without users.');
  const organizationId = await createOrganization(uow, { name: 'My organization', ownerId: user.id });
  await restartProjectIds(uow);
  const project = await createProject(uow, secretBox, {
    organizationId,
    name: 'My project',
    token: config.projectToken,
    identitySecret: config.identitySecret,
  });
  if (config.apiKey !== undefined) {
    const token = config.apiKey;
    await issueKey(uow, { userId: user.id, label: 'Bootstrap', scopes: ['*'], projectIds: null, token });
  }
  return project;
}
