import { type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on standard output. Secrets that could reach a log are cut by path. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    redact: {
      paths: [
        'req.headers.authorization',
        'req.headers.cookie',
        '*.password',
        '*.token',
        '*.api_key',
        '*.secret',
      ],
      censor: '[redacted]',
    },
  });
}
