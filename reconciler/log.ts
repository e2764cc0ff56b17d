import { destination, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';
import type { Log } from './ports.ts';

/** Fields that are never written, wherever a mistake may put them. */
const SECRET = ['password', 'token', 'authorization', 'Authorization', 'data', 'stringData', 'binaryData'];

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

/**
 * Logs to standard error: one JSON object a line, or coloured text on a terminal, where only warnings are shown unless
 * `level` says otherwise, since a person reads the result. Written at once, so that nothing is lost at the end.
 */
export function openLog({
  terminal,
  level,
}: {
  readonly terminal: boolean;
  readonly level?: string | undefined;
}): Log {
  const known = level !== undefined && LEVELS.includes(level) ? level : undefined;
  const paths = SECRET.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino(
    {
      base: null,
      level: known ?? (terminal ? 'warn' : 'info'),
      redact: { paths, censor: '(hidden)' },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: stdTimeFunctions.isoTime,
    },
    terminal
      ? pretty({ destination: 2, sync: true, colorize: true, translateTime: 'HH:MM:ss' })
      : destination({ dest: 2, sync: true }),
  );
}
