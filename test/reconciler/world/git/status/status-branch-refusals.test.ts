import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { explain, ReconcilerError } from '../../../../../reconciler/errors.ts';
import type { GitRepository } from '../../../../support/git-repository.ts';
import { startGitServer, type Trouble } from '../../../../support/git-server.ts';
import { holding, recording, STATUS_REF, statusBranchAt } from '../../../../support/git-status-fixture.ts';

const PASSWORD = 'hunter2-very-secret';
const server = await startGitServer({ users: { writer: PASSWORD }, readers: { reader: PASSWORD } });
afterAll(() => server.stop());

let made = 0;
const repository = () => server.createRepository(`refusals-${made++}`);
const branchOf = ({ url }: GitRepository, rest: Parameters<typeof statusBranchAt>[1] = {}) =>
  statusBranchAt(url, { username: 'writer', password: PASSWORD, ...rest });

/** What a person is told. That no credential is in it, nor in what a log would show, is checked for each. */
async function told(failing: Promise<unknown>): Promise<string> {
  const error = await failing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ReconcilerError)) throw new Error('It did not fail as it should.', { cause: error });
  for (const secret of [PASSWORD, Buffer.from(`writer:${PASSWORD}`).toString('base64')]) {
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain(secret);
  }
  return explain(error);
}

/** Makes trouble for the next request to the repository with `path` in its address. */
function troubleOnce({ url }: GitRepository, path: string, trouble: Trouble): void {
  const remove = server.onRequest((request) => {
    if (!request.url.startsWith(new URL(url).pathname) || !request.url.includes(path)) return undefined;
    remove();
    return trouble;
  });
}

describe('a status branch that may not be pushed', () => {
  it('tells what the hook of the server said', async () => {
    const origin = await repository();
    await origin.installHook(
      'pre-receive',
      'echo "Only $(printf "\\033[31m")bots may push here." >&2; exit 1',
    );
    expect(await told(branchOf(origin).publish(recording('a')))).toBe(
      `STATUS_REFUSED: ${origin.url} does not take ${STATUS_REF}: pre-receive hook declined: ` +
        'Only \\u{1b}[31mbots may push here.\n' +
        `  hint: Exempt ${STATUS_REF} from branch protection and hooks for this account, or set status.enabled: false.`,
    );
    expect(await origin.resolve(STATUS_REF)).toBeUndefined();

    await origin.removeHook('pre-receive');
    await branchOf(origin).publish(recording('a'));
    expect(await origin.resolve(STATUS_REF)).toBeDefined();
  });

  it('tells it in short and without a password that the hook repeats', async () => {
    const origin = await repository();
    await origin.installHook('update', `echo "Denied: ${PASSWORD}" $(seq 1000) >&2; exit 1`);
    const text = await told(branchOf(origin).publish(recording('a')));
    expect(text).toContain('hook declined: Denied: *** 1 2 3');
    expect(text.length).toBeLessThan(1_000);
  });

  it('tells that the account needs the right to push', async () => {
    const origin = await repository();
    expect(await told(branchOf(origin, { username: 'reader' }).publish(recording('a')))).toBe(
      `REPOSITORY_AUTH: The status cannot be pushed to ${STATUS_REF} of ${origin.url}. ` +
        `${origin.url} forbids this to user reader.\n` +
        `  hint: The account needs the right to push to ${STATUS_REF}. Grant it, or set status.enabled: false.`,
    );
  });

  it('can be read by an account that may not push', async () => {
    const origin = await repository();
    await branchOf(origin).publish(recording('a'));
    expect((await branchOf(origin, { username: 'reader' }).read())?.files).toHaveLength(2);
  });

  it('tells that the password is wrong', async () => {
    const origin = await repository();
    expect(await told(branchOf(origin, { password: 'wrong' }).publish(recording('a')))).toMatch(
      /^REPOSITORY_AUTH: .*refuses the credentials of user writer/,
    );
  });

  it('tells which branch is in its way', async () => {
    const above = await repository();
    await above.commit({ 'a.txt': 'a' }, { branch: 'weka-gitops' });
    expect(await told(branchOf(above).publish(recording('a')))).toMatch(
      /^STATUS_REFUSED: the branch weka-gitops\/status\/demo cannot be made, since there is the branch weka-gitops\.\n {2}hint: .*Rename or delete/,
    );
    const below = await repository();
    await below.commit({ 'a.txt': 'a' }, { branch: 'weka-gitops/status/demo/old' });
    expect(await told(branchOf(below).publish(recording('a')))).toContain('weka-gitops/status/demo/old');
  });

  it('is not overwritten where it holds something else', async () => {
    const origin = await repository();
    const theirs = await origin.commit({ 'main.c': 'int main;' }, { branch: 'weka-gitops/status/demo' });
    expect(await told(branchOf(origin).publish(recording('a')))).toBe(
      `STATUS_FOREIGN: In ${origin.url}, the branch weka-gitops/status/demo holds something else than status.\n` +
        '  hint: It has no status.json. Rename or delete that branch, or give the cluster another name; it is not overwritten.',
    );
    expect(await origin.resolve(STATUS_REF)).toBe(theirs);
  });

  it('is refused while more is in it than can be ours', async () => {
    const origin = await repository();
    // Compressed it is small.
    await origin.commit({ 'status.json': Buffer.alloc(5_000_000) }, { branch: 'weka-gitops/status/demo' });
    for (const limits of [{ unpackedBytes: 4_000_000 }, { packObjects: 2 }, { packBytes: 1_000 }]) {
      expect(await told(branchOf(origin, { limits }).publish(recording('a')))).toBe(
        `REPOSITORY_TOO_LARGE: The status branch of ${origin.url} is larger than any of ours.\n` +
          '  hint: It is to hold nothing but what weka-gitops writes. Delete it, and it is made again.',
      );
    }
  });
});

describe('a server in trouble', () => {
  it('that is down is told to be unreachable', async () => {
    const other = await startGitServer();
    const { url } = await other.createRepository('gone');
    await other.stop();
    expect(await told(statusBranchAt(url).publish(recording('a')))).toMatch(/^REPOSITORY_UNREACHABLE: /);
  });

  it.each(['/info/refs', '/git-upload-pack', '/git-receive-pack'])(
    'that answers %s with 503',
    async (path) => {
      const origin = await repository();
      await branchOf(origin).publish(recording('a'));
      troubleOnce(origin, path, { refuse: 503, body: `password ${PASSWORD}` });
      expect(await told(branchOf(origin).publish(recording('b')))).toMatch(/^REPOSITORY_UNREACHABLE: .*503/);
      await branchOf(origin).publish(recording('b'));
      expect(await origin.git(['log', '--format=%s', STATUS_REF])).toBe('Record b\nRecord a');
    },
  );

  it('that goes silent within its answer is not waited for', async () => {
    const origin = await repository();
    troubleOnce(origin, '/git-receive-pack', { stallResponseAfter: 20 });
    expect(await told(branchOf(origin, { limits: { idleMs: 300 } }).publish(recording('a')))).toMatch(
      /^REPOSITORY_TIMEOUT: /,
    );
  });

  it('that answers nonsense is told to', async () => {
    const origin = await repository();
    await branchOf(origin).publish(recording('a'));
    for (const [path, body] of [
      ['/git-upload-pack', 'nonsense'],
      ['/git-upload-pack', '0008NAK\n000a\u0001PACK\u0000'],
      ['/git-receive-pack', ''],
      ['/git-receive-pack', '0040cut off'],
    ] as const) {
      troubleOnce(origin, path, { refuse: 200, body });
      expect(await told(branchOf(origin).publish(recording('b')))).toMatch(/^REPOSITORY_CORRUPT: /);
    }
  });
});

describe('a connection cut while pushing', () => {
  it('before the server has everything leaves nothing half done', async () => {
    const origin = await repository();
    const first = await branchOf(origin).publish(recording('a'));
    const branch = branchOf(origin);
    troubleOnce(origin, '/git-receive-pack', { cutRequestAfter: 150 });
    expect(await told(branch.publish(recording('b')))).toMatch(
      /^REPOSITORY_UNREACHABLE: .* cannot be reached: the connection was cut/,
    );
    expect(await origin.resolve(STATUS_REF)).toBe(first);

    await branch.publish(recording('b'));
    expect(await origin.git(['log', '--format=%s', STATUS_REF])).toBe('Record b\nRecord a');
    expect(await origin.git(['fsck', '--strict', '--no-dangling'])).toBe('');
  });

  it('after the server has done it is noticed by the next one', async () => {
    const origin = await repository();
    const branch = branchOf(origin);
    troubleOnce(origin, '/git-receive-pack', { cutResponseAfter: 0 });
    const build = holding({ 'status.json': '{}' });
    expect(await told(branch.publish(build))).toMatch(/^REPOSITORY_UNREACHABLE: /);

    const arrived = await origin.resolve(STATUS_REF);
    expect(arrived).toBeDefined();
    expect(await branch.publish(build)).toBe(arrived);
    expect(await origin.git(['rev-list', '--count', STATUS_REF])).toBe('1');
  });
});

describe('a status branch that cannot be', () => {
  it('is the one that is watched', async () => {
    const { url } = await repository();
    for (const ref of [STATUS_REF, 'weka-gitops/status/demo']) {
      expect(() => statusBranchAt(url, { ref })).toThrow('would go to the branch that is watched');
    }
  });

  it.each(['a/b', 'a..b', 'a.lock', '.a', 'a b', ''])('has no cluster named %j', async (cluster) => {
    const { url } = await repository();
    expect(() => statusBranchAt(url, { cluster })).toThrow('can have no status branch');
  });
});
