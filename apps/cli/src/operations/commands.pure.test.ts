import { allRoutes } from '@parley/contract/openapi/document';
import { pathParameterNames } from '@parley/contract/openapi/parameters';
import type { Command } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { explain } from '../failure.ts';
import { createProgram } from '../program.ts';
import { commandName, groupName } from './commands.ts';

const program = createProgram();
/** The stream of a widget is for its page alone. */
const routes = allRoutes().filter(({ id }) => id !== 'widget.stream');

const named = (commands: readonly Command[], name: string) =>
  commands.filter((command) => [command.name(), ...command.aliases()].includes(name));

function commandOf(id: string): Command | undefined {
  return named(named(program.commands, groupName(id))[0]?.commands ?? [], commandName(id))[0];
}

const flagsOf = (command: Command | undefined) => command?.options.map(({ long }) => long) ?? [];

describe('the commands of the contract', () => {
  it.each(routes.map((route) => [route.id, route] as const))('%s has one, with help', (id, route) => {
    const command = commandOf(id);
    const help = command?.helpInformation() ?? '';
    expect(help).toContain(`Usage: parley ${groupName(id)} ${commandName(id)}`);
    expect(command?.description()).not.toBe('');
    const ids = pathParameterNames(route.path).filter((name) => name !== 'project_id');
    expect(command?.registeredArguments).toHaveLength(ids.length);
    for (const flag of ['--url', '--key', '--project', '--json']) expect(flagsOf(command)).toContain(flag);
  });

  it('have each name once, and each option once', () => {
    for (const group of program.commands) {
      const names = group.commands.flatMap((command) => [command.name(), ...command.aliases()]);
      expect(names, group.name()).toEqual([...new Set(names)]);
      for (const command of group.commands) {
        const flags = flagsOf(command);
        expect(flags, `${group.name()} ${command.name()}`).toEqual([...new Set(flags)]);
        const keys = command.options.filter(({ negate }) => !negate).map((option) => option.attributeName());
        expect(keys, `${group.name()} ${command.name()}`).toEqual([...new Set(keys)]);
      }
    }
  });

  it('can give every field at the top of a body or query', () => {
    for (const id of [
      'tickets.bulk_update_tags',
      'persons.upsert',
      'views.create',
      'tags.list',
      'tickets.list',
    ]) {
      const route = routes.find((each) => each.id === id);
      const schema: { properties?: object } = route?.body ?? route?.query ?? {};
      const count = Object.keys(schema.properties ?? {}).length;
      expect(count).toBeGreaterThan(2);
      expect(flagsOf(commandOf(id)).length, id).toBeGreaterThanOrEqual(count);
    }
  });

  it('written by hand stay, and take the fields that they have no option for', () => {
    expect(commandOf('tickets.retrieve')?.aliases()).toEqual(['get']);
    expect(flagsOf(commandOf('tickets.reply'))).toEqual(expect.arrayContaining(['--note', '--rich-content']));
    expect(flagsOf(commandOf('tickets.list'))).toEqual(expect.arrayContaining(['--tag', '--ids', '--all']));
    expect(flagsOf(commandOf('tickets.list'))).not.toContain('--tags');
  });

  it('that need a session are there and not shown', () => {
    const keys = named(program.commands, 'api-keys')[0];
    expect(commandOf('api_keys.create')).toBeDefined();
    expect(keys?.helpInformation()).toContain('list');
    expect(keys?.helpInformation()).not.toContain('create');
  });

  it('leave the options of the connection alone', () => {
    expect(flagsOf(commandOf('webhooks.create'))).toEqual(expect.arrayContaining(['--url', '--body-url']));
  });
});

describe('wrong usage', () => {
  it.each([
    [['tickets', 'bulk-update-status', '--ids', 'x', '--status', 'shut'], /Allowed choices are new, open/],
    [['tickets', 'bulk-update-status', '--body', '{"ids":[]}'], /^missing --status$/],
    [['views', 'create', '--body', '{"name":'], /--body is no JSON/],
    [['views', 'create', '--body', '[]', '--name', 'x'], /--body is no object/],
    [['views', 'create', '--nam', 'x'], /unknown option '--nam'.*--name/s],
    [['notes', 'delete', '1'], /missing required argument 'message-id'/],
    [['tags', 'fly'], /unknown command 'fly'/],
    [['api', 'tickets.fly'], /no operation "tickets.fly"/],
    [['api', 'events.stream'], /no operation "events.stream"/],
    [['api', 'tickets.retrieve'], /tickets.retrieve takes id/],
    [['api', 'tickets.read', '1', '--all'], /no list/],
    [['api', 'tickets.list', '--query', 'limit'], /name=value/],
  ])('%j', async (args, reason) => {
    // Commander says by itself what is wrong with the arguments.
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const error = await createProgram()
      .parseAsync(args, { from: 'user' })
      .catch((thrown) => thrown);
    const heard = said.mock.calls.map(([text]) => String(text)).join('');
    said.mockRestore();
    expect(explain(error).exitCode).toBe(2);
    expect(explain(error).line ?? heard).toMatch(reason);
  });
});
