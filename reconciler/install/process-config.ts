import { isRecord } from '../core/kube/json.ts';
import { InstallConfigError } from './errors.ts';

type Settings = Readonly<Record<string, unknown>>;

/** Where the files of the Secret are in the pods. */
export const SECRET_FOLDER = '/run/secrets/weka-gitops';

/** The configuration of a process in the cluster. */
export interface ProcessConfig {
  readonly settings: Settings;
  /** Keys of the Secret that hold the files which it names, each with the first setting that names it. */
  readonly files: ReadonlyMap<string, string>;
}

/** What is about the machine that it stands on. In the cluster the pod's account, its volume and the image's programs take their places. */
const OF_THE_MACHINE = ['kubernetes', 'cacheDir', 'kustomize'];
/** What the planner of pull requests has no use for, and so no keys either. */
const NOT_FOR_THE_PLANNER = ['notifications', 'status'];

/**
 * A configuration as a process in the cluster reads it. Each file that it names is a key of a Secret there, called like the file. Throws
 * an InstallConfigError where that cannot be.
 */
export function processConfig(given: Settings, image: string): ProcessConfig {
  const files = new Map<string, { readonly path: string; readonly setting: string }>();
  const settings = without(given, OF_THE_MACHINE);
  const moved = mapFiles(settings, '', (path, setting) => {
    const key = path.split('/').at(-1) ?? '';
    if (!/^[-._A-Za-z0-9]{1,253}$/.test(key) || key === '.' || key === '..') {
      throw new InstallConfigError(`${setting}: ${path} has a name that no key of a Secret can have.`, {
        hint: 'Name the file by letters, digits, ., - and _.',
      });
    }
    const other = files.get(key);
    if (other !== undefined && other.path !== path) {
      throw new InstallConfigError(
        `${setting} and ${other.setting} name two files that are both called ${key}.`,
        {
          hint: 'Give them two names: each is the key of that name in one Secret.',
        },
      );
    }
    files.set(key, other ?? { path, setting });
    return `${SECRET_FOLDER}/${key}`;
  }) as Settings;
  mustNotHoldSecrets(moved, '');
  const { repository, installation } = moved;
  mustBeReachable(isRecord(repository) ? repository['url'] : undefined);
  return {
    settings: { ...moved, installation: { ...(isRecord(installation) ? installation : {}), image } },
    files: new Map(
      [...files].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, { setting }]) => [key, setting]),
    ),
  };
}

/** The configuration of the planner of pull requests, with no more keys than it needs. */
export function plannerConfig(given: Settings, image: string): ProcessConfig {
  return processConfig(without(given, NOT_FOR_THE_PLANNER), image);
}

/** The port that a process answers at; the kubelet and others have to reach it at the pod's address. */
export function portOf(listen: string): number {
  const at = listen.lastIndexOf(':');
  if (['', '0.0.0.0', '[::]'].includes(listen.slice(0, at))) return Number(listen.slice(at + 1));
  throw new InstallConfigError(`run.listen ${listen} is not reached from outside of the pod.`, {
    hint: `Set run.listen to 0.0.0.0:${listen.slice(at + 1)}, or leave it out.`,
  });
}

function mustBeReachable(url: unknown): void {
  if (typeof url !== 'string') {
    throw new InstallConfigError('No repository is configured.', {
      hint: 'Give --repository URL, or write repository.url into the configuration file.',
    });
  }
  if (/^https?:/.test(url)) return;
  throw new InstallConfigError(`The repository ${url} is a folder of this machine, which no pod has.`, {
    hint: 'Set repository.url to an https:// address.',
  });
}

/** The configuration is no secret in the cluster: it is a ConfigMap, and is printed to be committed. */
function mustNotHoldSecrets(value: unknown, at: string): void {
  if (typeof value === 'string') {
    const url = /^https?:/i.test(value) ? URL.parse(value) : null;
    if (url === null || (url.username === '' && url.password === '')) return;
    // A user alone may be a token.
    throw new InstallConfigError(
      `${at} has a user or a password in it, and all may read the configuration.`,
      {
        hint:
          at === 'repository.url'
            ? 'Write the user into repository.username, and put the password or token into the file of repository.passwordFile or tokenFile.'
            : 'Leave them out of the address, and name a file that has them.',
      },
    );
  }
  const members = Array.isArray(value)
    ? value.map((each, index) => [`[${index}]`, each] as const)
    : isRecord(value)
      ? Object.entries(value)
      : [];
  for (const [name, member] of members) {
    const joint = at === '' || name.startsWith('[') ? '' : '.';
    mustNotHoldSecrets(member, `${at}${joint}${name}`);
  }
}

function without(settings: Settings, names: readonly string[]): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
}

/** Settings that are called `…File` name files. */
function mapFiles(value: unknown, at: string, moved: (path: string, setting: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each, index) => mapFiles(each, `${at}[${index}]`, moved));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const setting = at === '' ? name : `${at}.${name}`;
      const isFile = name.endsWith('File') && typeof member === 'string';
      return [name, isFile ? moved(member, setting) : mapFiles(member, setting, moved)];
    }),
  );
}
