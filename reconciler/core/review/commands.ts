/** What a comment asks for. `cluster` is the one that it addresses, where it names one. */
export type Command = { readonly cluster?: string } & (
  | { readonly verb: 'plan' }
  | { readonly verb: 'explain'; readonly target: string; readonly field?: string }
  /** `sha256:` and at least twelve of the digits. */
  | { readonly verb: 'approve'; readonly digest: string }
  | { readonly verb: 'suspend'; readonly reason: string }
  | { readonly verb: 'resume' }
);

const PREFIX = '/weka-gitops';
/** A longer first line is no command. */
const MOST = 1000;
const CLUSTER = /^(.*?)(?: +--cluster(?: +|=)([a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?))? *$/;
const DIGEST = /^(?:sha256:)?([0-9a-f]{12,64})$/;
/** One that is not written as it has to be, or twice: whoever wrote it meant one cluster, and would reach all. */
const STRAY_CLUSTER = /(^| )(--|[\u2010-\u2015\u2212]-?)cluster\b/;
/** What a target, or a field, may be written with. */
const WORD = /^(?!-)[\x21-\x7e]{1,300}$/;
const REASON = /^[^\p{C}\p{Zl}\p{Zp}\p{DI}]{1,500}$/u;

/** The command that the first line of a comment is; undefined where it is none, or not a whole one. */
export function parseCommand(text: string): Command | undefined {
  const [line = ''] = text.slice(0, MOST + 2).split(/\r?\n/, 1);
  if (line.length > MOST || !line.startsWith(`${PREFIX} `)) return undefined;
  const [, said = '', cluster] = CLUSTER.exec(line.slice(PREFIX.length + 1)) ?? [];
  const [, verb = '', rest = ''] = /^ *([a-z]+)(?: +(.*))?$/.exec(said) ?? [];
  if (STRAY_CLUSTER.test(rest)) return undefined;
  const command = commandOf(verb, rest.trim());
  return command === undefined || cluster === undefined ? command : { ...command, cluster };
}

function commandOf(verb: string, rest: string): Command | undefined {
  switch (verb) {
    case 'plan':
    case 'resume':
      return rest === '' ? { verb } : undefined;
    case 'explain': {
      const [target = '', field, ...more] = rest.split(/ +/);
      if (more.length > 0 || !WORD.test(target)) return undefined;
      if (field === undefined) return { verb, target };
      return WORD.test(field) ? { verb, target, field } : undefined;
    }
    case 'approve': {
      const digits = DIGEST.exec(rest)?.[1];
      return digits === undefined ? undefined : { verb, digest: `sha256:${digits}` };
    }
    case 'suspend':
      return REASON.test(rest) ? { verb, reason: rest } : undefined;
    default:
      return undefined;
  }
}

/** Commands that a person may give within a minute. */
const A_MINUTE = 5;
/** Commands that a pull request may see within an hour. */
const AN_HOUR = 30;

/** Whether one more command may be followed at `at`, after those at the other times. */
export function mayFollow(
  at: Date,
  earlier: { readonly byPerson: readonly Date[]; readonly onPullRequest: readonly Date[] },
): boolean {
  return (
    within(earlier.byPerson, at, 60_000) < A_MINUTE && within(earlier.onPullRequest, at, 3_600_000) < AN_HOUR
  );
}

function within(times: readonly Date[], at: Date, lengthMs: number): number {
  return times.filter((time) => time.getTime() > at.getTime() - lengthMs && time.getTime() <= at.getTime())
    .length;
}
