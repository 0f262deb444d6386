import { MEMBERSHIP_LEVELS, type MembershipLevel, SCOPES, type Scope } from '@parley/contract/route';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { given, textOrStdin } from '../arguments.ts';
import { addJsonOption } from '../connection.ts';
import { FoundFault } from '../failure.ts';
import { formatInstant, formatTable, plain, print, printJson } from '../output.ts';

interface UserOptions {
  email: string;
  password?: string;
  level?: MembershipLevel;
  firstName?: string;
  lastName?: string;
  json?: true;
}

interface MailOptions {
  project?: number;
  limit?: number;
  json?: true;
}

interface KeyOptions {
  scope: Scope[];
  email: string;
  label?: string;
  project?: number[];
  json?: true;
}

/** Loaded when it is needed only: the server is large, and most commands don't want it. */
const loadAdmin = () => import('@parley/server/admin');

/** Commands for the machine that Parley runs on: they reach its database, whether a server runs or not. */
export function addAdminCommands(program: Command): void {
  addJsonOption(program.command('doctor'))
    .description('Check the installation on this machine')
    .action(runDoctor);

  addJsonOption(program.command('migrate'))
    .description('Bring the database up to date')
    .action(async ({ json }: { json?: true }) => {
      const { runAdminCommand } = await loadAdmin();
      const result = await runAdminCommand('migrate', {}, process.env);
      if (json) printJson(result);
      else print(result.applied.length > 0 ? `Applied ${result.applied.join(', ')}.` : 'Nothing to apply.');
    });

  addJsonOption(program.command('users').description('Administer users').command('create'))
    .description('Create a user of the installation on this machine')
    .requiredOption('--email <address>', 'e-mail address')
    .option('--password <password>', 'password; - reads it from standard input; made up when left out')
    .addOption(new Option('--level <level>', 'level in the organization').choices(MEMBERSHIP_LEVELS))
    .option('--first-name <name>', 'first name')
    .option('--last-name <name>', 'last name')
    .action(createUser);

  addJsonOption(program.command('keys').description('Administer API keys').command('create'))
    .description('Create a personal API key for a user of the installation on this machine')
    .requiredOption('--email <address>', "the user's e-mail address")
    .addOption(
      new Option('--scope <scope>', `${SCOPES.join(', ')} (repeatable)`)
        .argParser(collectScope)
        .makeOptionMandatory(),
    )
    .option('--label <label>', 'what the key is for')
    .option('--project <id>', 'limits the key to this project (repeatable)', collectProject)
    .action(createKey);

  addJsonOption(program.command('mail').description('Look at mail').command('list'))
    .description('Show what waits to be mailed from this machine and what was, newest first')
    .option('--project <id>', 'default: the project that was made first', (value) => collectProject(value)[0])
    .option('--limit <number>', 'how many', (value) => collectProject(value)[0])
    .action(listMail);
}

async function listMail({ project, limit, json }: MailOptions): Promise<void> {
  const { runAdminCommand } = await loadAdmin();
  const { mails } = await runAdminCommand('mail.list', given({ project_id: project, limit }), process.env);
  if (json) return printJson(mails);
  if (mails.length === 0) return print('No mail.');
  for (const { created_at, state, to, subject, content } of mails)
    print(plain(`${formatInstant(created_at)}  ${state}  ${to}\n${subject}\n\n${content}\n`));
}

async function runDoctor({ json }: { json?: true }): Promise<void> {
  const { runAdminCommand } = await loadAdmin();
  const report = await runAdminCommand('doctor', {}, process.env);
  if (json) printJson(report);
  else print(formatTable(report.checks.map(({ level, name, detail }) => [level, name, detail])));
  if (report.checks.some(({ level }) => level === 'fail')) throw new FoundFault();
}

async function createUser(options: UserOptions): Promise<void> {
  const { email, password, level, firstName, lastName } = options;
  const secret = password === undefined ? undefined : await textOrStdin(password);
  const args = given({ password: secret, level, first_name: firstName, last_name: lastName });
  const { runAdminCommand } = await loadAdmin();
  const user = await runAdminCommand('users.create', { email, ...args }, process.env);
  if (options.json) return printJson(user);
  print(`Created ${user.email} (${user.level}).`);
  if (user.password !== undefined) print(`The password, shown this once: ${user.password}`);
}

async function createKey(options: KeyOptions): Promise<void> {
  const { email, scope, label, project } = options;
  const args = given({ label, project_ids: project });
  const { runAdminCommand } = await loadAdmin();
  const key = await runAdminCommand('keys.create', { email, scopes: scope, ...args }, process.env);
  if (options.json) return printJson(key);
  print(`The key of ${key.email} for ${key.scopes.join(', ')}, shown this once:\n${key.key}`);
}

function collectScope(value: string, earlier: readonly Scope[] = []): Scope[] {
  const scope = SCOPES.find((known) => known === value);
  if (!scope) throw new InvalidArgumentError(`Scopes are ${SCOPES.join(', ')}.`);
  return [...earlier, scope];
}

function collectProject(value: string, earlier: readonly number[] = []): number[] {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('It is a number.');
  return [...earlier, Number(value)];
}
