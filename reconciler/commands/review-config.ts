import type { Config } from '../config/config.ts';
import type { Forge } from '../forge-port.ts';
import type { Program } from '../program.ts';
import type { ReviewOptions } from '../review/review.ts';
import { passConfig } from './pass-config.ts';

/** The part of the configuration that pull requests are planned by. */
export function reviewConfig(config: Config, program: Program, { pages }: Forge): ReviewOptions {
  const { forge, repository, review, run, status, cluster } = config;
  const branch = status.enabled ? pages.branch(`weka-gitops/status/${cluster}`) : undefined;
  return {
    pass: passConfig(config, program),
    review,
    folder: repository?.path ?? '',
    statusUrl: forge?.statusUrl ?? branch,
    pollSeconds: run.pollSeconds,
  };
}
