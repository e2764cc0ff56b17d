import type { Write } from '../plan/change.ts';
import { few } from '../plan/risk/deed.ts';
import { rivalOf } from '../plan/rival.ts';
import { prose } from '../report/plain.ts';

const MOST_FIELDS = 5;

/** Who sets back what `write` sets right, as a log may hold it; undefined where it left no trace. */
export function rivalWords(write: Write): string | undefined {
  const rival = rivalOf(write);
  return rival === undefined ? undefined : prose(rival, 100);
}

/** The fields that are fought over; undefined where it is the whole object. */
export function foughtFields({ op, fields }: Write): string | undefined {
  if (op === 'create' || op === 'prune' || fields.length === 0) return undefined;
  return few(
    fields.map(({ path }) => prose(path, 200)),
    ', ',
    MOST_FIELDS,
  );
}

/** Why an object that is fought over waits. Without figures, so that it is news once and not with every round. */
export function fightReason(write: Write): string {
  const who = rivalWords(write) ?? 'Somebody';
  switch (write.op) {
    case 'prune':
      return `${who} makes it again each time it is deleted, so it is deleted ever more seldom; find out who it is, or put its manifest back`;
    case 'create':
      // A deletion leaves nothing that could bear a name.
      return `${who} deletes it each time it is made, so it is set right ever more seldom; find out who it is, which the API server’s audit log tells, or remove the manifest`;
    default:
      return `${who} undoes each correction of ${foughtFields(write) ?? 'it'}, so it is set right ever more seldom; find out who it is, or remove the manifest`;
  }
}
