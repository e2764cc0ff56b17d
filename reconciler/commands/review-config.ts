import { baseBranch } from '../config/base-branch.ts';
import type { Config } from '../config/config.ts';
import type { Forge } from '../forge-port.ts';
import type { Program } from '../program.ts';
import type { ReviewOptions } from '../review/review.ts';
import { passConfig } from './pass-config.ts';

/** The part of the configuration that pull requests are planned by. */
export function reviewConfig(config: Config, program: Program, { pages }: Forge): ReviewOptions {
  const { forge, repository, review, run, status, cluster } = config;
  const statusBranch = status.enabled ? pages.branch(`weka-gitops/status/${cluster}`) : undefined;
  const pass = passConfig(config, program);
  return {
    pass: { ...pass, ref: baseBranch(pass.ref) },
    review,
    folder: repository?.path ?? '',
    statusUrl: forge?.statusUrl ?? statusBranch,
    pollSeconds: run.pollSeconds,
  };
}
