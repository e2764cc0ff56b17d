import { afterAll, afterEach, expect } from 'vitest';
import type { ForgeCredentials } from '../../../reconciler/world/forge/client-options.ts';
import { openGithubForge } from '../../../reconciler/world/forge/github/github-forge.ts';
import type { OpenedForge } from '../../../reconciler/world/forge/open-forge.ts';
import type { Identity } from '../../cluster/certificates.ts';
import { Contract } from './contract.ts';
import { StandIn } from './stand-in.ts';

type Options = Parameters<typeof openGithubForge>[0];

/** Starts stand-ins for the tests of a file, each of which has to end without a fault against GitHub’s description. */
export async function githubFixture() {
  const contract = await Contract.load();
  let opened: (StandIn | OpenedForge)[] = [];

  afterEach(async () => {
    const faults = opened.flatMap((each) => (each instanceof StandIn ? each.faults : []));
    for (const each of opened.toReversed()) await each[Symbol.asyncDispose]();
    opened = [];
    expect(faults).toEqual([]);
  });
  afterAll(() => {
    const { requests, answers, general, routes } = contract.checks;
    console.log(
      `GitHub’s description: ${requests} requests and ${answers} answers of ${routes.size} routes checked, ${general} general answers.`,
    );
  });

  const standIn = async (identity?: Identity): Promise<StandIn> => {
    const started = await StandIn.start(contract, identity);
    opened.push(started);
    return started;
  };
  const forgeAt = async (github: StandIn, options: Partial<Options> = {}): Promise<OpenedForge> => {
    const forge = await openGithubForge({
      url: github.url,
      repository: github.state.repository,
      userAgent: 'weka-gitops/0.0.0-test',
      credentials: () => Promise.resolve<ForgeCredentials>({ token: 'ghp_ours' }),
      // The distances that GitHub asks for, and waits between tries, would be all that a test does.
      throttle: false,
      retryMs: 1,
      ...options,
    });
    opened.push(forge);
    return forge;
  };
  return { contract, standIn, forgeAt };
}
