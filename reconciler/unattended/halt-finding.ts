import type { Report } from '../core/report/report.ts';
import type { Finding } from '../core/spec/finding.ts';
import type { Halt } from './followed-ref.ts';

/** Rule of the finding that says it. */
export const COMMIT_UNREAD = 'commit-unread';

/** What the status branch says of a commit that is wanted and cannot be read. */
export function haltFinding({ commit, error }: Halt, { ref, commit: standing }: Report): Finding {
  const { message, hint, code } = error;
  const which = `Commit ${commit.slice(0, 7)}`;
  const what =
    commit === standing
      ? `${which} is not accepted any more, so nothing is applied`
      : `${which} cannot be read, so ${standing.slice(0, 7)} still stands`;
  return {
    level: 'error',
    rule: COMMIT_UNREAD,
    file: ref,
    line: 1,
    column: 1,
    message: `${what}: ${message} (${code})`,
    ...(hint === undefined ? {} : { hint }),
  };
}
