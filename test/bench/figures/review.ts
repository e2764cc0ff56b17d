import { until } from '../../cluster/until.ts';
import { type GiteaServer, startGitea } from '../../forge/gitea-server.ts';
import type { AuditedCall } from '../audit.ts';
import type { Bed } from '../bed.ts';
import { configMapFiles } from '../manifests.ts';
import { progress } from '../progress.ts';
import { openPullRequestFigures } from '../review-open.ts';
import { type GiteaSite, openGiteaSite } from '../review-site.ts';
import { type Row, rowOf } from '../row.ts';
import type { Running } from '../running.ts';

const OBJECTS = 1_000;
/** Objects that pull requests change, and how soon that is to be told. */
const CHANGED = [
  { count: 100, atMost: 2 },
  { count: 1_000, atMost: 10 },
];
const RUNS = 3;
/** The planner looks when it is told to, and never else. */
const NEVER_SECONDS = 100_000;

/** The planner of pull requests, on a real Gitea and on GitHub's stand-in. */
export async function reviewFigures(bed: Bed): Promise<readonly Row[]> {
  const gitea = await startGitea();
  try {
    return [...(await pushToComment(bed, gitea)), ...(await openPullRequestFigures(bed, gitea))];
  } finally {
    await gitea.stop();
  }
}

/** From the moment that the planner is told of a pull request until its plan stands there. */
async function pushToComment(bed: Bed, gitea: GiteaServer): Promise<readonly Row[]> {
  const onGitea = await openGiteaSite(bed, gitea, NEVER_SECONDS);
  const { site, repository, proxy } = onGitea;
  await repository.push(configMapFiles(site.namespace, OBJECTS));
  await site.reconcile();
  const planner = await site.start();
  try {
    const first = await planned(bed, onGitea, planner, { branch: 'one', count: 1 });
    const runs = CHANGED.map(() => [] as PlannedRun[]);
    for (let run = 0; run < RUNS; run++) {
      for (const [index, { count }] of CHANGED.entries()) {
        runs[index]!.push(await planned(bed, onGitea, planner, { branch: `${count}-${run}`, count }));
      }
    }
    return [
      ...CHANGED.flatMap(({ count, atMost }, index) => {
        const name = `pull request to comment, ${count.toLocaleString('en-US')} changed`;
        const of = (figure: (each: PlannedRun) => number) => runs[index]!.map(figure);
        return [
          rowOf({ name: `${name}: time`, unit: 's', values: of(({ seconds }) => seconds), goal: { atMost } }),
          rowOf({ name: `${name}: CPU`, unit: 's', values: of(({ cpuSeconds }) => cpuSeconds) }),
        ];
      }),
      rowOf({
        name: 'first comment after the start: time',
        unit: 's',
        values: [first.seconds],
        note: `1 changed; the clone, ${OBJECTS.toLocaleString('en-US')} manifests and their lists read anew`,
      }),
    ];
  } finally {
    await planner.stop();
    proxy.stop();
    await site.clear();
  }
}

interface PlannedRun {
  readonly seconds: number;
  /** Of the planner. */
  readonly cpuSeconds: number;
}

/** Opens a pull request that changes so many objects, tells the planner, and waits for all that it says. */
async function planned(
  { audit }: Bed,
  { site, repository, proxy }: GiteaSite,
  planner: Running,
  { branch, count }: { readonly branch: string; readonly count: number },
): Promise<PlannedRun> {
  const head = await repository.pushBranch(
    branch,
    configMapFiles(site.namespace, count, () => branch),
  );
  const number = await repository.openPullRequest({ head: branch });
  await audit.skip();
  const cpuBefore = planner.cpuSeconds();
  const toldAt = Date.now();
  await site.hint(repository.fullName);
  const comment = await proxy.request(/^POST .*\/comments$/, toldAt).catch((cause: unknown) => {
    throw new Error(`There is no comment.\n${planner.log}`, { cause });
  });
  // A plan that takes long is told of before, and that may be on its way still.
  const said = await until('the status', async () => {
    const statuses = await repository.owner.request<{ description: string }[]>(
      'GET',
      repository.path('statuses', head),
    );
    return statuses.find(({ description }) => description.includes('to change'))?.description;
  });
  const cpuSeconds = planner.cpuSeconds() - cpuBefore;
  const tried = (await audit.calls()).filter(isDryRun);
  // What sees no change is fast for the wrong reason.
  if (tried.length !== count || !said.includes(`${count} to change`)) {
    throw new Error(`${tried.length} of ${count} changes were tried, and what is said is: ${said}`);
  }
  await repository.close(number);
  const seconds = (comment.endedAt - toldAt) / 1000;
  progress(`${count} changed, told to comment, and CPU`, seconds, cpuSeconds);
  tellSteps(proxy, tried, toldAt, comment.endedAt);
  return { seconds, cpuSeconds };
}

function isDryRun({ verb, requestURI }: AuditedCall): boolean {
  return verb === 'patch' && requestURI.includes('dryRun=');
}

/** Where the time goes, by what is asked for. */
function tellSteps(
  { requests }: GiteaSite['proxy'],
  tried: readonly AuditedCall[],
  toldAt: number,
  endedAt: number,
): void {
  const since = (at: number) => (at - toldAt) / 1000;
  const asked = requests.filter((each) => each.startedAt >= toldAt && each.endedAt <= endedAt);
  const git = asked.filter(({ line }) => line.includes('.git/'));
  const listed = asked.find(({ line }) => line.includes('/pulls?'));
  const posting = asked.at(-1);
  progress(
    '  listed, fetched, first dry run, last dry run, posting',
    since(listed?.endedAt ?? Number.NaN),
    since(Math.max(...git.map((each) => each.endedAt))),
    since(Math.min(...tried.map((each) => Date.parse(each.requestReceivedTimestamp)))),
    since(Math.max(...tried.map((each) => Date.parse(each.stageTimestamp)))),
    since(posting?.startedAt ?? Number.NaN),
  );
}
