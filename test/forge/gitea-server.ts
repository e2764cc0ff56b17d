import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../cluster/ports.ts';
import { run } from '../cluster/run.ts';
import { lastLines, type Supervised, Supervisor } from '../cluster/supervisor.ts';
import { until } from '../cluster/until.ts';
import { giteaProgram } from '../tools/gitea/gitea.ts';

/** Where a running Gitea is, and how to rule it. */
export interface GiteaAddress {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Token of a site administrator, with every scope. */
  readonly token: string;
  /** On this machine; goes with the server. */
  readonly folder: string;
  readonly pid: number;
}

/** A Gitea of this process alone. It ends with this process, even if that is killed. */
export interface GiteaServer {
  readonly address: GiteaAddress;
  /** Ends it and removes all that it had. */
  stop(): Promise<void>;
}

/** Starts the real Gitea on a free port, with an empty database, and waits until it serves. */
export async function startGitea(): Promise<GiteaServer> {
  const { file, staticRoot } = await giteaProgram();
  const supervisor = await Supervisor.start();
  try {
    const { folder } = supervisor;
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const config = join(folder, 'app.ini');
    const log = join(folder, 'gitea.log');
    await mkdir(join(folder, 'home'));
    await writeFile(config, ini(settings(folder, staticRoot, port, url)), { mode: 0o600 });
    // Nothing of this machine's or its user's own settings, of git's neither.
    const env = {
      PATH: process.env['PATH'],
      HOME: join(folder, 'home'),
      USER: userInfo().username,
      LC_ALL: 'C',
    };
    const cli = ['--config', config, '--work-path', folder];

    const web = await supervisor.spawn({ file, args: ['web', ...cli], cwd: folder, env, log });
    await untilServing(url, web, log);
    // A token cannot be asked for before there is anyone, so the first one is made beside the server.
    const admin = [
      '--username',
      'ruler',
      '--email',
      'ruler@example.com',
      '--password',
      randomBytes(12).toString('hex'),
    ];
    const token = ['--access-token', '--access-token-name', 'tests', '--access-token-scopes', 'all'];
    const made = await run(file, ['admin', 'user', 'create', ...cli, '--admin', ...admin, ...token], {
      env,
      cwd: folder,
    });
    const value = /Access token was successfully created\.{3} (\w+)/.exec(made.stdout)?.[1];
    if (made.exitCode !== 0 || value === undefined) {
      throw new Error(`Gitea made no administrator: ${made.stderr || made.stdout}`);
    }
    return {
      address: { url, token: value, folder, pid: web.pid },
      stop: () => supervisor.end(),
    };
  } catch (error) {
    await supervisor.end();
    throw error;
  }
}

async function untilServing(url: string, web: Supervised, log: string): Promise<void> {
  let how: string | undefined;
  void web.ended.then((ended) => (how = ended));
  await until('Gitea serves', async () => {
    if (how !== undefined) return true;
    return (await fetch(`${url}/api/healthz`)).ok;
  });
  if (how !== undefined) throw new Error(`Gitea ended while starting, ${how}:\n${await lastLines(log)}`);
}

type Sections = Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;

function settings(folder: string, staticRoot: string, port: number, url: string): Sections {
  return {
    '': {
      RUN_MODE: 'prod',
      RUN_USER: userInfo().username,
      I_AM_BEING_UNSAFE_RUNNING_AS_ROOT: true,
    },
    server: {
      HTTP_ADDR: '127.0.0.1',
      HTTP_PORT: port,
      ROOT_URL: `${url}/`,
      STATIC_ROOT_PATH: staticRoot,
      APP_DATA_PATH: join(folder, 'data'),
      OFFLINE_MODE: true,
      DISABLE_SSH: true,
    },
    database: { DB_TYPE: 'sqlite3', PATH: join(folder, 'gitea.db'), SQLITE_JOURNAL_MODE: 'WAL' },
    repository: { ROOT: join(folder, 'repositories'), DEFAULT_BRANCH: 'main' },
    security: {
      INSTALL_LOCK: true,
      SECRET_KEY: randomBytes(32).toString('hex'),
      // The default takes as long as it is meant to, for each user that a test makes.
      PASSWORD_HASH_ALGO: 'pbkdf2$1$50',
      PASSWORD_COMPLEXITY: 'off',
    },
    service: { DISABLE_REGISTRATION: true },
    webhook: { ALLOWED_HOST_LIST: 'loopback', DELIVER_TIMEOUT: 5 },
    queue: { TYPE: 'channel' },
    indexer: { ISSUE_INDEXER_TYPE: 'db' },
    session: { PROVIDER: 'memory' },
    cron: { ENABLED: false },
    'cron.update_checker': { ENABLED: false },
    'cron.update_mirrors': { ENABLED: false },
    mailer: { ENABLED: false },
    actions: { ENABLED: false },
    packages: { ENABLED: false },
    log: { MODE: 'console', LEVEL: 'Warn' },
  };
}

function ini(sections: Sections): string {
  const parts = Object.entries(sections).map(([name, values]) => {
    const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}\n`);
    return `${name === '' ? '' : `[${name}]\n`}${lines.join('')}`;
  });
  return parts.join('\n');
}
