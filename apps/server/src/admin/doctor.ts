import type { Config } from '#config.ts';
import { checkDatabase } from './doctor-database.ts';
import { checkDataDir, checkNode, checkPublicUrl, checkRedis, checkSecret } from './doctor-environment.ts';
import type { OpenedDatabase } from './open-database.ts';

export interface Check {
  name: string;
  level: 'ok' | 'warn' | 'fail';
  detail: string;
}

export interface DoctorReport {
  checks: Check[];
}

export type DoctorConfig = Pick<Config, 'dataDir' | 'databaseUrl' | 'redisUrl' | 'publicUrl' | 'secret'>;

export interface DoctorParts {
  config: DoctorConfig;
  /** Undefined where there is no database yet. A failure to open it is a finding, not an error. */
  open: (() => Promise<OpenedDatabase>) | undefined;
}

/** Looks at everything Parley needs and says what is missing. Changes nothing. */
export async function diagnose({ config, open }: DoctorParts): Promise<DoctorReport> {
  const checks = [
    checkNode(process.versions.node),
    await checkDataDir(config),
    await checkSecret(config),
    checkPublicUrl(config),
    ...(await checkDatabase(open)),
    ...(await checkRedis(config)),
  ];
  return { checks };
}

/** The report where the configuration itself can't be read. */
export function reportConfigProblems(problems: readonly string[]): DoctorReport {
  const checks = problems.map((detail): Check => ({ name: 'configuration', level: 'fail', detail }));
  return { checks: [checkNode(process.versions.node), ...checks] };
}
