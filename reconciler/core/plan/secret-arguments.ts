import { isHarmless } from './secret-assignments.ts';
import { isSecretName } from './secret-names.ts';

/** A program that takes a password by an option whose name does not say so. */
interface Taker {
  /** Its name, and what belongs to it, as a regular expression has it. */
  readonly program: string;
  readonly option: string;
  /** Whether the password is what comes next, or stands in the option itself, or may be either. */
  readonly form: 'apart' | 'glued' | 'either';
  /** Whether the option comes first: what comes later belongs to another program. */
  readonly first?: true;
}

export const TAKERS: readonly Taker[] = [
  { program: '(?:mysql|mariadb)[\\w-]{0,20}', option: '-p', form: 'glued' },
  { program: 'sshpass', option: '-p', form: 'either', first: true },
  { program: 'redis-cli', option: '-a', form: 'apart' },
  { program: 'mongo(?:sh|dump|restore|export|import|stat|top|files)?', option: '-p', form: 'either' },
  { program: 'ldap(?:search|modify|add|delete|passwd|whoami|compare|exop)', option: '-w', form: 'either' },
  { program: '(?:sqlcmd|bcp)', option: '-P', form: 'either' },
  {
    program: '(?:docker|podman|nerdctl|buildah|skopeo|oras|crane|oc|helm[ \\t]+registry)[ \\t]+login',
    option: '-p',
    form: 'either',
  },
];

const PROGRAMS = TAKERS.map(({ program, first, ...taker }) => ({
  ...taker,
  after: new RegExp(`(?:^|[\\s/])${program}${first === true ? '$' : '(?:\\s|$)'}`),
}));

/** Programs that take something else by `-p`. */
const NO_PASSWORD = /(?:^|[\s/])(?:mkdir|install|cp|rsync|tar|ps|patch|kubectl|oc)(?:\s|$)/;

/** Arguments before an option among which its program is looked for. */
const REACH = 40;

/**
 * Where in an argument of a program a secret begins, as those `before` it make it one: `--password` and the like, an
 * option that the program is known for, `NAME=`. Undefined where they do not.
 */
export function secretStart(argument: string, before: readonly string[]): number | undefined {
  const last = before.at(-1);
  if (argument === '' || last === undefined) return undefined;
  const start = /^--?[A-Za-z][\w.-]*$/.test(last)
    ? (afterOption(argument, last, before) ?? glued(argument, before))
    : /^-{0,2}[\w.-]{1,100}=$/.test(last) && isSecretName(last.slice(0, -1))
      ? 0
      : glued(argument, before);
  return start === undefined || isHarmless(argument.slice(start)) ? undefined : start;
}

function afterOption(argument: string, option: string, before: readonly string[]): number | undefined {
  if (/^(?:-u|--user|--proxy-user)$/.test(option)) return passwordStart(argument);
  if (argument.startsWith('-')) return undefined;
  // It is followed by a path.
  if (option === '--kubeconfig') return undefined;
  if (isSecretName(option)) return 0;
  const line = lineOf(before.slice(0, -1));
  const isTaken = PROGRAMS.some(
    (taker) => taker.option === option && taker.form !== 'glued' && taker.after.test(line),
  );
  if (isTaken) return 0;
  return option === '-p' && !isOrdinary(argument) && !NO_PASSWORD.test(line) ? 0 : undefined;
}

/** `-pPASSWORD`, and `-uUSER:PASSWORD` of curl. */
function glued(argument: string, before: readonly string[]): number | undefined {
  if (!/^-[a-zA-Z]./.test(argument)) return undefined;
  const option = argument.slice(0, 2);
  const line = lineOf(before);
  if (option === '-u' && /(?:^|[\s/])curl(?:\s|$)/.test(line)) return passwordStart(argument);
  const isTaken = PROGRAMS.some(
    (taker) => taker.option === option && taker.form !== 'apart' && taker.after.test(line),
  );
  return isTaken ? 2 : undefined;
}

/** Of `USER:PASSWORD`; that of a container is `1000:1000`. */
function passwordStart(argument: string): number | undefined {
  const colon = argument.indexOf(':');
  return colon < 1 || colon === argument.length - 1 || /^\d+:\d+$/.test(argument) ? undefined : colon + 1;
}

/** What `-p` stands for where it means a port, a path or a patch. */
function isOrdinary(argument: string): boolean {
  return /^(?:\d[\d.:,-]*(?:\/\w+)?|[./~[{].*)$/s.test(argument);
}

function lineOf(before: readonly string[]): string {
  return before.slice(-REACH).join(' ');
}
