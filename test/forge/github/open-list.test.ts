import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PullRequest } from '../../../reconciler/forge-port.ts';
import { githubFixture } from './fixture.ts';
import type { StandIn } from './stand-in.ts';

const { standIn, forgeAt } = await githubFixture();

async function withPulls(count: number) {
  const github = await standIn();
  for (let number = 1; number <= count; number++) github.state.pull(number);
  return { github, state: github.state, forge: await forgeAt(github) };
}

describe('the open pull requests', () => {
  it('cost one request without an answer to read in each idle poll, and none of the rate limit', async () => {
    const { github, forge } = await withPulls(100);

    const polls: (number | undefined)[] = [];
    // An hour of a poll each half minute.
    for (let poll = 0; poll < 120; poll++) polls.push((await forge.openPullRequests('main'))?.length);

    expect(polls).toEqual([100, ...Array<undefined>(119).fill(undefined)]);
    const line = 'GET /repos/acme/infra/pulls';
    expect(github.lines()).toEqual([`${line} 200`, ...Array<string>(119).fill(`${line} 304`)]);
    expect(github.rate.used).toBe(1);
  });

  it('have changed once somebody has commented on one', async () => {
    const { state, forge } = await withPulls(3);
    await forge.openPullRequests('main');

    state.comment(1, 'anna', '/weka-gitops plan');

    expect(numbers(await forge.openPullRequests('main'))).toEqual([1, 3, 2]);
    expect(await forge.openPullRequests('main')).toBeUndefined();
  });

  it('have changed once the last one is closed', async () => {
    const { state, forge } = await withPulls(1);
    await forge.openPullRequests('main');

    state.merge(1);

    expect(await forge.openPullRequests('main')).toEqual([]);
    expect(await forge.openPullRequests('main')).toBeUndefined();
  });

  it('have not changed by a new token alone, which makes GitHub forget what it has told', async () => {
    const { github, forge } = await withPulls(3);
    await forge.openPullRequests('main');

    // Another form of the same answer has another ETag.
    github.form = (body) => ` ${body}`;

    expect(await forge.openPullRequests('main')).toBeUndefined();
    expect(github.lines().at(-1)).toMatch(/ 200$/);
  });

  it('of many pages are told at once, and cost nothing of the rate limit while nothing changes', async () => {
    const { github, forge } = await withPulls(23);
    github.mostPerPage = 10;

    expect(numbers(await forge.openPullRequests('main'))).toEqual(
      Array.from({ length: 23 }, (_, at) => 23 - at),
    );
    const { used } = github.rate;
    expect(await forge.openPullRequests('main')).toBeUndefined();
    expect(github.rate.used).toBe(used);
  });

  it('are told again after a failure midway, even if nothing has changed since', async () => {
    const { github, forge } = await withPulls(23);
    github.mostPerPage = 10;
    let asked = 0;
    github.meanwhile = () => {
      if (++asked === 1) github.plan({ at: /pulls$/, times: 3, how: { status: 502, body: 'Bad gateway' } });
    };

    await expect(forge.openPullRequests('main')).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
    github.meanwhile = undefined;

    expect(await forge.openPullRequests('main')).toHaveLength(23);
  });

  it('are all told, whatever happens while their pages are read, and in the end as they are', async () => {
    const happening = fc.record({
      what: fc.constantFrom('touch', 'close', 'open'),
      after: fc.nat({ max: 8 }),
      which: fc.nat({ max: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 20 }),
        fc.array(happening, { maxLength: 6 }),
        async (count, happenings) => {
          const { github, state, forge } = await withPulls(count);
          github.mostPerPage = 4;
          let asked = 0;
          github.meanwhile = () => {
            for (const { what, which } of happenings.filter(({ after }) => after === asked))
              happen(github, what, which);
            asked++;
          };
          const before = openNumbers(github);

          const first = numbers(await forge.openPullRequests('main'));
          const after = new Set(openNumbers(github));
          expect(new Set(first).size).toBe(first.length);
          expect(before.filter((number) => after.has(number) && !first.includes(number))).toEqual([]);

          github.meanwhile = undefined;
          let known: readonly PullRequest[] | undefined;
          for (let told = await forge.openPullRequests('main'); told !== undefined;) {
            known = told;
            told = await forge.openPullRequests('main');
          }
          expect(known === undefined ? first : numbers(known)).toEqual(openNumbers(github));
          expect(state.pulls.size).toBeGreaterThanOrEqual(count);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a list of many pages', () => {
  it('is read to its end, each element once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 30 }), fc.integer({ min: 1, max: 7 }), async (count, most) => {
        const github = await standIn();
        github.mostPerPage = most;
        github.state.pull(7);
        for (let at = 0; at < count; at++) github.state.comment(7, 'anna', `Comment ${at}`);
        const forge = await forgeAt(github);

        const texts = (await forge.comments(7)).map(({ text }) => text);

        expect(texts).toEqual(Array.from({ length: count }, (_, at) => `Comment ${at}`));
        expect(github.heard).toHaveLength(Math.max(1, Math.ceil(count / most)));
      }),
      { numRuns: 30 },
    );
  });
});

function happen({ state }: StandIn, what: string, which: number): void {
  const open = [...state.pulls.values()].filter((pull) => pull.state === 'open');
  const pull = open[which % Math.max(1, open.length)];
  if (what === 'open') state.pull(state.id());
  else if (pull !== undefined && what === 'touch') state.touch(pull.number);
  else if (pull !== undefined) state.merge(pull.number);
}

/** Those changed last first. */
function openNumbers({ state }: StandIn): number[] {
  const open = [...state.pulls.values()].filter((pull) => pull.state === 'open');
  return open.sort((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime()).map(({ number }) => number);
}

function numbers(pulls: readonly PullRequest[] | undefined): number[] {
  return (pulls ?? []).map(({ number }) => number);
}
