import { until } from '../cluster/until.ts';
import { Contract } from '../forge/github/contract.ts';
import { StandIn } from '../forge/github/stand-in.ts';
import type { GiteaServer } from '../forge/gitea-server.ts';
import type { GitRepository } from '../support/git-repository.ts';
import type { Bed } from './bed.ts';
import { configMapFiles } from './manifests.ts';
import { progress } from './progress.ts';
import { openGiteaSite, ReviewSite } from './review-site.ts';
import { type Row, rowOf } from './row.ts';

const POLLS = 10;
const OPEN = 100;
const MANY = 500;
const OBJECTS = 100;
/** Each real pull request costs Gitea half a second, so there are fewer of them, and as many fewer on a page. */
const GITEA_OPEN = 10;
const GITEA_PAGE = 50 / (OPEN / GITEA_OPEN);
/** Polls in a row without anything else, after which nothing is to be expected any more. */
const STILL_POLLS = 4;

/** The planner while many pull requests are open and none of them moves. */
export async function openPullRequestFigures(bed: Bed, gitea: GiteaServer): Promise<readonly Row[]> {
  const name = `idle poll of ${OPEN} open pull requests`;
  const onGitea = await idleOnGitea(bed, gitea);
  const onGitHub = await openOnGitHub(bed);
  return [
    rowOf({
      name: `${name}: requests to GitHub`,
      unit: 'calls',
      values: onGitHub.requests,
      goal: { atMost: 1 },
      note: `all of them ${onGitHub.statuses.join(', ')}; besides one listing of the refs`,
    }),
    rowOf({
      name: `${name}: requests to Gitea`,
      unit: 'calls',
      values: onGitea,
      goal: { atMost: 3 },
      note: `with the listing of the refs; ${GITEA_OPEN} of them, ${GITEA_PAGE} on a page`,
    }),
    rowOf({ name: `${name}: CPU`, unit: 'ms', values: [onGitHub.pollCpuSeconds * 1000], note: 'on GitHub' }),
    rowOf({
      name: `${MANY} open pull requests: memory`,
      unit: 'MiB',
      values: [onGitHub.manyMiB],
      note: `on GitHub, of ${OPEN} heads, all looked at; ${onGitHub.oneMiB.toFixed(0)} MiB with one, ${onGitHub.peakMiB.toFixed(0)} at the peak`,
    }),
  ];
}

/** Requests to Gitea in each of some polls. */
async function idleOnGitea(bed: Bed, gitea: GiteaServer): Promise<readonly number[]> {
  const { site, repository, proxy } = await openGiteaSite(bed, gitea, 1);
  proxy.rewrite = (url) => url.replace('limit=50', `limit=${GITEA_PAGE}`);
  await repository.push(configMapFiles(site.namespace, OBJECTS));
  await site.reconcile();
  const branches = Array.from({ length: GITEA_OPEN }, (_, index) => `change-${index}`);
  for (const branch of branches) {
    await repository.local.branch(branch, 'main');
    await repository.local.commit(
      configMapFiles(site.namespace, 1, () => branch),
      { branch },
    );
  }
  await repository.local.git(['push', '--quiet', repository.urlFor(repository.owner), ...branches]);
  for (const head of branches) await repository.openPullRequest({ head });
  const planner = await site.start();
  try {
    await until('all are commented on', () => {
      const { requests } = proxy;
      return requests.filter(({ line }) => /^POST .*\/comments$/.test(line)).length === GITEA_OPEN;
    });
    return await eachPoll({
      lines: () => proxy.requests.map(({ line }) => line),
      idle: /\/info\/refs|\/git-upload-pack|\/pulls\?/,
      counted: /^/,
    });
  } finally {
    await planner.stop();
    proxy.stop();
    await site.clear();
  }
}

async function openOnGitHub(bed: Bed) {
  await using github = await StandIn.start(await Contract.load());
  const { state } = github;
  const git = await bed.git.createRepository('infra');
  const statusUrl = 'https://status.example.com/';
  const site = await ReviewSite.open(bed, {
    repository: { url: git.url },
    forge: { kind: 'github', url: github.url, repository: state.repository, statusUrl },
    token: 'ghp_ours',
    pollSeconds: 1,
  });
  const { namespace } = site;
  await git.commit(configMapFiles(namespace, OBJECTS));
  await site.reconcile();
  const heads = await pullRequestRefs(git, OPEN);
  const open = (from: number, to: number) => {
    for (let number = from; number <= to; number++) {
      // To fetch more of them is the work of the git server.
      const sha = heads[number % OPEN]!;
      // GitHub has us write no more than one thing a second, which is not what this is about.
      state.statuses.set(sha, [
        {
          id: state.id(),
          context: `weka-gitops/${namespace}`,
          state: 'success',
          description: `Nothing here changes ${namespace}`,
          target_url: statusUrl,
        },
      ]);
      state.pull(number, { head: { branch: `change-${number}`, sha, repository: state.repository } });
    }
  };
  const isLookedAt = async (count: number) =>
    await until(
      `all ${count} are looked at`,
      () => {
        const asked = github.heard.map(({ line }) => line).filter((line) => line.endsWith('/comments'));
        return new Set(asked).size === count;
      },
      { timeoutMs: 120_000 },
    );
  const gitRequests: { readonly url: string; readonly after: number }[] = [];
  const forget = bed.git.onRequest(({ url }) => {
    gitRequests.push({ url, after: github.heard.length });
    return undefined;
  });
  const lines = (): readonly string[] => {
    const told = github.heard.map(({ line, status }) => `${line} ${status}`);
    const before = [0, ...gitRequests.map(({ after }) => after)];
    return [...gitRequests.map(({ url }) => url), ''].flatMap((url, index) => [
      ...told.slice(before[index], gitRequests[index]?.after),
      ...(url === '' ? [] : [url]),
    ]);
  };
  const seen = { lines, idle: /\/info\/refs|\/git-upload-pack|^GET .*\/pulls 304$/, counted: /^[A-Z]+ / };

  open(1, 1);
  const planner = await site.start();
  try {
    await isLookedAt(1);
    await untilStill(seen);
    const { nowMiB: oneMiB } = planner.memory();
    open(2, OPEN);
    await isLookedAt(OPEN);
    progress(`${OPEN} open pull requests are looked at, CPU`, planner.cpuSeconds());
    await untilStill(seen);
    const from = github.heard.length;
    const cpuBefore = planner.cpuSeconds();
    const requests = await eachPoll(seen);
    const pollCpuSeconds = (planner.cpuSeconds() - cpuBefore) / (POLLS + STILL_POLLS);
    const statuses = [...new Set(github.heard.slice(from).map(({ status }) => status))];
    open(OPEN + 1, MANY);
    await isLookedAt(MANY);
    progress(`${MANY} open pull requests are looked at, CPU`, planner.cpuSeconds());
    await untilStill(seen);
    const { nowMiB: manyMiB, peakMiB } = planner.memory();
    if (github.faults.length > 0)
      throw new Error(`GitHub would have been asked otherwise: ${github.faults[0]}`);
    return { requests, statuses, pollCpuSeconds, oneMiB, manyMiB, peakMiB };
  } finally {
    await planner.stop();
    forget();
    await site.clear();
  }
}

/**
 * Makes the heads of so many pull requests, as GitHub shows them to git, and gives their commits. Each changes a manifest
 * and nothing of what it says, so that it is planned and there is nothing to tell.
 */
async function pullRequestRefs(git: GitRepository, count: number): Promise<readonly string[]> {
  const path = 'settings-00000.yaml';
  const text = await git.file(path);
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const input = numbers.map((number) => {
    const content = `# Change ${number}\n${text}\n`;
    return [
      `commit refs/pull/${number}/head`,
      `committer Ada Author <ada@example.com> ${1_700_000_000 + number} +0000`,
      `data 7`,
      'Change\n',
      'from refs/heads/main^0',
      `M 100644 inline ${path}`,
      `data ${Buffer.byteLength(content)}`,
      content,
    ].join('\n');
  });
  await git.git(['fast-import', '--quiet', '--done'], { input: `${input.join('\n')}\ndone\n` });
  const refs = await git.git(['for-each-ref', '--format=%(refname) %(objectname)', 'refs/pull']);
  const commits = new Map(refs.split('\n').map((line) => line.split(' ') as [string, string]));
  return numbers.map((number) => commits.get(`refs/pull/${number}/head`)!);
}

/** What both servers are asked for, in order. */
interface Seen {
  readonly lines: () => readonly string[];
  /** What a poll asks for, and nothing else does while nothing moves. */
  readonly idle: RegExp;
  /** What counts. */
  readonly counted: RegExp;
}

/** What counts in each of some polls, once there is nothing else. */
async function eachPoll(seen: Seen): Promise<readonly number[]> {
  await untilStill(seen);
  const from = seen.lines().length;
  const polls = () => groups(seen.lines().slice(from), seen.counted);
  // The last one may not be over yet.
  await until(`${POLLS} polls`, () => polls().length > POLLS);
  return polls().slice(0, POLLS);
}

/** Waits until the last polls asked for nothing but what polls ask for. */
async function untilStill({ lines, idle }: Seen): Promise<void> {
  await until(
    'polls that find nothing',
    () => {
      const starts = lines().flatMap((line, index) => (POLL.test(line) ? [index] : []));
      const from = starts.at(-STILL_POLLS - 1);
      return (
        from !== undefined &&
        lines()
          .slice(from)
          .every((line) => idle.test(line))
      );
    },
    { timeoutMs: 120_000 },
  );
}

/** Where a poll begins. */
const POLL = /\/info\/refs/;

/** How many lines count from each poll to the next. */
function groups(lines: readonly string[], counted: RegExp): readonly number[] {
  const counts: number[] = [];
  for (const line of lines) {
    if (POLL.test(line)) counts.push(0);
    if (counts.length > 0 && counted.test(line)) counts.push(counts.pop()! + 1);
  }
  return counts;
}
