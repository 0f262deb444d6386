import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIdentities } from '#features/auth/auth.identities.ts';
import { verifyPassword } from '#features/auth/password.ts';
import { systemClock } from '#platform/clock.ts';
import { createTestAdmin } from './testing.ts';

let admin: Awaited<ReturnType<typeof createTestAdmin>>;
beforeAll(async () => {
  admin = await createTestAdmin();
});
afterAll(() => admin.drop());

async function storedPassword(userId: number): Promise<string> {
  const { password } = await admin.database.kysely
    .selectFrom('accounts')
    .select('password')
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return password ?? '';
}

describe('users.create', () => {
  it('makes a member who can sign in', async () => {
    const user = await admin.handlers['users.create']({
      email: 'Ann@Example.com',
      password: 'correct horse',
    });
    expect(user).toMatchObject({ email: 'ann@example.com', level: 'member' });
    expect(user).not.toHaveProperty('password');
    expect(await verifyPassword(await storedPassword(user.id), 'correct horse')).toBe(true);
    const membership = await admin.database.kysely
      .selectFrom('memberships')
      .select(['organization_id', 'level'])
      .where('user_id', '=', user.id)
      .execute();
    expect(membership).toEqual([{ organization_id: user.organization_id, level: 'member' }]);
  });

  it('makes a password up and tells it once', async () => {
    const user = await admin.handlers['users.create']({ email: 'bo@example.com', level: 'admin' });
    expect(user.level).toBe('admin');
    expect(user.password).toMatch(/^[\w-]{24}$/);
    expect(await verifyPassword(await storedPassword(user.id), user.password ?? '')).toBe(true);
  });

  it.each([
    [{ email: 'owner@EXAMPLE.com' }, { code: 'unique', attr: 'email' }],
    [{}, { code: 'required', attr: 'email' }],
    [{ email: 'nobody' }, { code: 'invalid_input', attr: 'email' }],
    [
      { email: 'c@example.com', password: 'short' },
      { code: 'min_length', attr: 'password' },
    ],
    [
      { email: 'c@example.com', level: 'god' },
      { code: 'invalid_choice', attr: 'level' },
    ],
  ])('refuses %j', async (args, failure) => {
    const before = await admin.database.kysely.selectFrom('users').select('id').execute();
    await expect(admin.handlers['users.create'](args)).rejects.toMatchObject(failure);
    expect(await admin.database.kysely.selectFrom('users').select('id').execute()).toHaveLength(
      before.length,
    );
  });
});

describe('keys.create', () => {
  it('makes a key that opens what its scopes say', async () => {
    const key = await admin.handlers['keys.create']({
      email: 'owner@example.com',
      scopes: ['ticket:read', 'ticket:reply', 'ticket:read'],
      project_ids: [1],
    });
    expect(key).toMatchObject({
      label: 'Command line',
      email: 'owner@example.com',
      scopes: ['ticket:read', 'ticket:reply'],
      project_ids: [1],
    });
    expect(key.key).toMatch(/^prl_[\w-]{43}$/);
    const identities = createIdentities({ database: admin.database, clock: systemClock });
    const found = await identities.byKey(key.key, '1');
    expect(found?.actor).toMatchObject({ kind: 'key', scopes: key.scopes, projectIds: [1] });
  });

  it.each([
    [
      { email: 'owner@example.com', scopes: [] },
      { code: 'empty', attr: 'scopes' },
    ],
    [
      { email: 'owner@example.com', scopes: ['ticket:fly'] },
      { code: 'invalid_choice', attr: 'scopes__0' },
    ],
    [
      { email: 'nobody@example.com', scopes: ['*'] },
      { code: 'does_not_exist', attr: 'email' },
    ],
    [
      { email: 'owner@example.com', scopes: ['*'], project_ids: [99] },
      { code: 'does_not_exist', attr: 'project_ids' },
    ],
    [
      { email: 'owner@example.com', scopes: ['*'], label: ' ' },
      { code: 'blank', attr: 'label' },
    ],
  ])('refuses %j', async (args, failure) => {
    await expect(admin.handlers['keys.create'](args)).rejects.toMatchObject(failure);
  });
});

describe('doctor', () => {
  it('finds a migrated database in order', async () => {
    const { checks } = await admin.handlers.doctor({});
    const levels = Object.fromEntries(checks.map(({ name, level }) => [name, level]));
    expect(levels).toMatchObject({ node: 'ok', database: 'ok', migrations: 'ok', pg_trgm: 'ok' });
    expect(levels.durability).toBe(admin.database.kind === 'pglite' ? 'warn' : undefined);
  });
});

describe('mail.list', () => {
  it('shows what is to be mailed, newest first, of one project', async () => {
    const { kysely } = admin.database;
    const now = new Date('2026-03-02T10:00:00.000Z');
    const mail = (id: string, subject: string) => ({
      project_id: 1,
      id,
      ticket_id: id,
      channel: 'email',
      destination: JSON.stringify({ to: 'ada@example.com' }),
      payload: JSON.stringify({ subject, content: 'Hello' }),
      external_id: id,
      state: 'queued' as const,
      next_attempt_at: now,
      created_at: now,
    });
    const ids = ['01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002'] as const;
    await kysely
      .insertInto('outbox')
      .values([mail(ids[0], 'First'), mail(ids[1], 'Second')])
      .execute();
    const { mails } = await admin.handlers['mail.list']({});
    expect(mails.map(({ subject }) => subject)).toEqual(['Second', 'First']);
    expect(mails[0]).toEqual({
      id: ids[1],
      created_at: '2026-03-02T10:00:00.000Z',
      state: 'queued',
      to: 'ada@example.com',
      subject: 'Second',
      content: 'Hello',
    });
    expect((await admin.handlers['mail.list']({ project_id: 1, limit: 1 })).mails).toHaveLength(1);
    await expect(admin.handlers['mail.list']({ project_id: 99 })).rejects.toMatchObject({
      attr: 'project_id',
    });
    await expect(admin.handlers['mail.list']({ limit: 0 })).rejects.toMatchObject({ attr: 'limit' });
  });
});
