/** Messages are constant; what they are about is in the fields. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Logs one JSON object a line, in the form of the reconciler's log. JSON escapes what a name of the host may do to a terminal. */
export function openLog(write: (line: string) => void, now: () => Date): Log {
  const log =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void =>
      write(`${JSON.stringify({ level, time: now().toISOString(), ...fields, msg: message })}\n`);
  return { info: log('info'), warn: log('warn') };
}
