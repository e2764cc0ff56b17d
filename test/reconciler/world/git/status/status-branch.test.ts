import { afterAll, describe, expect, it } from 'vitest';
import { startGitServer, type ServedRequest } from '../../../../support/git-server.ts';
import { holding, recording, STATUS_REF, statusBranchAt } from '../../../../support/git-status-fixture.ts';

const server = await startGitServer();
afterAll(() => server.stop());

let made = 0;
async function repository() {
  const created = await server.createRepository(`status-${made++}`);
  await created.commit({ 'weka.yaml': 'kind: Settings\n' }, { message: 'Specs' });
  return created;
}

const requestsTo = (name: string): readonly ServedRequest[] =>
  server.requests.filter(({ url }) => url.startsWith(`/${name}`));
const nameOf = (url: string) => url.split('/').at(-1)!;

describe('the status branch', () => {
  it('is not there before the first commit', async () => {
    const { url } = await repository();
    expect(await statusBranchAt(url).read()).toBeUndefined();
  });

  it('begins with a commit that has no parent and exactly the given files', async () => {
    const origin = await repository();
    const branch = statusBranchAt(origin.url);

    const commit = await branch.publish(
      holding({ 'README.md': '# demo\n', 'status.json': '{}\n', 'history/2026/a.json': '{"é":1}\n' }),
    );

    expect(branch.ref).toBe(STATUS_REF);
    expect(await origin.resolve(STATUS_REF)).toBe(commit);
    expect(await origin.git(['rev-list', '--count', STATUS_REF])).toBe('1');
    expect(await origin.git(['ls-tree', '-r', '--name-only', STATUS_REF])).toBe(
      'README.md\nhistory/2026/a.json\nstatus.json',
    );
    expect(await origin.file('history/2026/a.json', STATUS_REF)).toBe('{"é":1}');
    expect(await origin.git(['fsck', '--strict', '--no-dangling'])).toBe('');
  });

  it('says who wrote it, when by the given clock, and why', async () => {
    const origin = await repository();
    const message = 'Apply 1a2b3c\n\nThree objects changed.\n\nCluster: demo';
    await statusBranchAt(origin.url).publish(holding({ 'status.json': '{}' }, { message }));

    expect(await origin.git(['log', '-1', '--format=%an <%ae>|%cn|%aI|%cI', STATUS_REF])).toBe(
      'weka-gitops <weka-gitops@localhost>|weka-gitops|2026-11-25T12:00:00+00:00|2026-11-25T12:00:00+00:00',
    );
    expect(await origin.git(['log', '-1', '--format=%B', STATUS_REF])).toBe(
      `${message}\nStatus-Commits: 1\n`,
    );
    expect(await origin.git(['log', '-1', '--format=%(trailers:key=Cluster,valueonly)', STATUS_REF])).toBe(
      'demo\n',
    );
  });

  it('goes on from what another process left, and shows its files to the builder', async () => {
    const origin = await repository();
    await statusBranchAt(origin.url).publish(recording('a'));
    await statusBranchAt(origin.url).publish(recording('b'));

    const tip = await statusBranchAt(origin.url).read();
    expect(tip?.files).toEqual([
      { path: 'history/a.json', text: '{"entry":"a"}\n' },
      { path: 'history/b.json', text: '{"entry":"b"}\n' },
      { path: 'status.json', text: '{"last":"b"}\n' },
    ]);
    expect(await origin.git(['log', '--format=%s', STATUS_REF])).toBe('Record b\nRecord a');
    expect(await origin.resolve(STATUS_REF)).toBe(tip?.commit);
  });

  it('leaves the watched branch alone', async () => {
    const origin = await repository();
    const before = await origin.git(['for-each-ref', 'refs/heads/main']);
    await statusBranchAt(origin.url).publish(recording('a'));
    expect(await origin.git(['for-each-ref', 'refs/heads/main'])).toBe(before);
    expect(await origin.git(['for-each-ref', '--format=%(refname)'])).toBe(`refs/heads/main\n${STATUS_REF}`);
  });

  it('takes one request to read again and none beyond that where there is nothing to say', async () => {
    const origin = await repository();
    const name = nameOf(origin.url);
    const branch = statusBranchAt(origin.url);
    await branch.publish(recording('a'));
    const before = requestsTo(name).length;

    expect(await branch.publish(recording('a'))).toBeUndefined();
    expect(requestsTo(name).slice(before)).toMatchObject([
      { method: 'GET', url: `/${name}/info/refs?service=git-receive-pack` },
    ]);
  });

  it('takes at most three requests to publish in a new process, and sends only what is new', async () => {
    const origin = await repository();
    const name = nameOf(origin.url);
    const bulk = Array.from({ length: 5_000 }, (_, index) => `line ${(index * 7919) % 5_003}`).join('\n');
    await statusBranchAt(origin.url).publish(holding({ 'status.json': '{}', 'history/bulk.txt': bulk }));
    const before = requestsTo(name).length;

    await statusBranchAt(origin.url).publish(recording('small'));
    const requests = requestsTo(name).slice(before);
    expect(requests.map(({ method, url }) => `${method} ${url.slice(name.length + 2)}`)).toEqual([
      'GET info/refs?service=git-receive-pack',
      'POST git-upload-pack',
      'POST git-receive-pack',
    ]);
    expect(requests[2]!.uploaded).toBeLessThan(1_500);
    expect(await origin.file('history/bulk.txt', STATUS_REF)).toBe(bulk);
  });

  it('makes no commit for a tree that is there already', async () => {
    const origin = await repository();
    const first = await statusBranchAt(origin.url).publish(holding({ 'status.json': '{}' }));
    const again = await statusBranchAt(origin.url).publish(
      holding({ 'status.json': '{}' }, { message: 'Again' }),
    );
    expect(again).toBe(first);
    expect(await origin.git(['rev-list', '--count', STATUS_REF])).toBe('1');
  });

  it('reads what git has packed as differences', async () => {
    const origin = await repository();
    const lines = Array.from({ length: 2_000 }, (_, index) => `entry ${index} ${(index * 7919) % 2_003}`);
    for (let version = 0; version < 8; version++) {
      lines[version * 100] = `changed in ${version}`;
      const files = { 'status.json': `{"version":${version}}`, 'history/long.txt': lines.join('\n') };
      await statusBranchAt(origin.url).publish(holding(files));
    }
    await origin.git(['repack', '-adf', '--depth=10']);
    // A commit of somebody else has the commits before it fetched too, and with them all versions of the file.
    await origin.commit({ 'note.txt': 'by hand' }, { branch: 'weka-gitops/status/demo' });

    const branch = statusBranchAt(origin.url);
    const files = (await branch.read())?.files;
    expect(files?.find(({ path }) => path === 'history/long.txt')?.text).toBe(lines.join('\n'));
    await branch.publish(recording('after'));
    expect(
      await origin.git(['log', '-1', '--format=%(trailers:key=Status-Commits,valueonly)', STATUS_REF]),
    ).toBe('10\n');
  });

  it('keeps what people commit to it', async () => {
    const origin = await repository();
    await statusBranchAt(origin.url).publish(recording('a'));
    const byHand = await origin.commit({ 'NOTES.md': 'seen\n' }, { branch: 'weka-gitops/status/demo' });
    await statusBranchAt(origin.url).publish(recording('b'));
    expect(await origin.file('NOTES.md', STATUS_REF)).toBe('seen');
    expect(await origin.resolve(`${STATUS_REF}~1`)).toBe(byHand);
  });
});

describe('the length of the status branch', () => {
  it('is bounded: it begins again, and the files stay', async () => {
    const origin = await repository();
    const branch = statusBranchAt(origin.url);
    const lengths: string[] = [];
    for (const entry of ['a', 'b', 'c', 'd', 'e']) {
      await branch.publish(recording(entry, { keepCommits: 3 }));
      lengths.push(await origin.git(['rev-list', '--count', STATUS_REF]));
    }
    expect(lengths).toEqual(['1', '2', '3', '1', '2']);
    expect(await origin.git(['ls-tree', '-r', '--name-only', STATUS_REF])).toBe(
      'history/a.json\nhistory/b.json\nhistory/c.json\nhistory/d.json\nhistory/e.json\nstatus.json',
    );
    expect(await origin.git(['fsck', '--strict', '--no-dangling'])).toBe('');
  });

  it('counts commits of others in', async () => {
    const origin = await repository();
    await statusBranchAt(origin.url).publish(recording('a'));
    for (const note of ['x', 'y', 'z']) {
      await origin.commit({ [note]: note }, { branch: 'weka-gitops/status/demo' });
    }
    await statusBranchAt(origin.url).publish(recording('b', { keepCommits: 5 }));
    expect(await origin.git(['rev-list', '--count', STATUS_REF])).toBe('5');
    await statusBranchAt(origin.url).publish(recording('c', { keepCommits: 5 }));
    expect(await origin.git(['rev-list', '--count', STATUS_REF])).toBe('1');
  });

  it('grows where the server forbids to drop commits', async () => {
    const origin = await repository();
    await origin.git(['config', 'receive.denyNonFastForwards', 'true']);
    const branch = statusBranchAt(origin.url);
    for (const entry of ['a', 'b', 'c', 'd']) await branch.publish(recording(entry, { keepCommits: 2 }));
    expect(await origin.git(['log', '--format=%s', STATUS_REF])).toBe(
      'Record d\nRecord c\nRecord b\nRecord a',
    );
  });
});
