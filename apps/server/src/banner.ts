import type { Parley } from './app.ts';
import type { Config } from './config.ts';
import { VERSION } from './version.ts';

interface BannerParts {
  url: string;
  config: Config;
  kind: 'pglite' | 'postgres';
  bootstrapped: Parley['bootstrapped'];
}

/** What whoever started Parley needs to know next. */
export function printBanner({ url, config, kind, bootstrapped }: BannerParts): void {
  const { created, email, password, projectToken } = bootstrapped;
  const lines = [
    '',
    `  Parley ${VERSION} is running at ${url}`,
    ...(config.roles.has('http') ? [`  API reference     ${url}/api/docs/`] : []),
    ...(created ? [`  Administrator     ${email}`] : []),
    ...(password ? [`  Password          ${password}   (shown this once; change it after signing in)`] : []),
    ...(projectToken ? [`  Project token     ${projectToken}`] : []),
    kind === 'postgres'
      ? '  Database          PostgreSQL'
      : `  Database          embedded in ${config.dataDir} (survives a killed process, not a power cut: it never fsyncs)`,
    ...(created ? [`  A key for curl    npx parley keys create --email ${email} --scope '*'`] : []),
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
