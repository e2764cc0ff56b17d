import { type DestinationStream, destination, pino, stdTimeFunctions } from 'pino';
import { plainMark } from './core/plan/mark.ts';
import { hideInText } from './core/plan/secret-text.ts';
import type { Log } from './ports.ts';

/** Fields that are never written, wherever a mistake may put them. */
const SECRET = ['password', 'token', 'authorization', 'Authorization', 'data', 'stringData', 'binaryData'];

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

/**
 * Logs to standard error: one JSON object a line, or coloured text on a terminal, where only warnings are shown unless
 * `level` says otherwise, since a person reads the result. Written at once, so that nothing is lost however the process
 * ends; what comes by the thousand is logged at the level `debug`, which costs nothing where it is not asked for.
 */
export async function openLog({
  terminal,
  level,
}: {
  readonly terminal: boolean;
  readonly level?: string | undefined;
}): Promise<Log> {
  const known = level !== undefined && LEVELS.includes(level) ? level : undefined;
  const paths = SECRET.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const log: Log = pino(
    {
      base: null,
      level: known ?? (terminal ? 'warn' : 'info'),
      redact: { paths, censor: '(hidden)' },
      formatters: { level: (label) => ({ level: label }), log: (fields) => withoutSecrets(fields) },
      timestamp: stdTimeFunctions.isoTime,
    },
    terminal ? await openTerminal() : destination({ dest: 2, sync: true }),
  );
  return log;
}

/** What others have said may hold what it should not. */
function withoutSecrets(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? hideInText(value, plainMark, 'sentence') : value,
    ]),
  );
}

async function openTerminal(): Promise<DestinationStream> {
  // Loaded only here: a pod has no terminal.
  const { default: pretty } = await import('pino-pretty');
  return pretty({ destination: 2, sync: true, colorize: true, translateTime: 'HH:MM:ss' });
}
