import { SshFormatError } from './ssh-wire.ts';

const TIME = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z|UTC)?$/i;

/**
 * A time as ssh-keygen takes it, YYYYMMDD[HHMM[SS]][Z], in seconds since 1970: in UTC where it ends with Z, else in the
 * time zone of this process.
 */
export function parseSshTime(text: string): number {
  const [, ...parts] = TIME.exec(text) ?? [];
  const zone = parts.pop();
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) =>
    Number(part ?? 0),
  );
  const fields = [year, month - 1, day, hour, minute, second] as const;
  const date = zone === undefined ? new Date(...fields) : new Date(Date.UTC(...fields));
  const isUtc = zone !== undefined;
  // What does not exist, as the 31st of February, would be taken for another day.
  const month0 = isUtc ? date.getUTCMonth() : date.getMonth();
  const dayOfMonth = isUtc ? date.getUTCDate() : date.getDate();
  // Two digits of a year would be taken for the last century, and OpenSSH knows no time before 1970.
  const isSince1970 = year >= 1970 && date.getTime() >= 0;
  const exists =
    isSince1970 && month0 === month - 1 && dayOfMonth === day && hour < 24 && minute < 60 && second < 60;
  if (!exists) throw new SshFormatError(`there is no time ${text}; it takes YYYYMMDD[HHMM[SS]][Z]`);
  return date.getTime() / 1000;
}
