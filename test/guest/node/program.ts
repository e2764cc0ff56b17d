import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Result, run } from '../../cluster/run.ts';

export interface ProgramConfig {
  /** Where its files are. */
  readonly folder: string;
  readonly name: string;
  readonly kubeconfig: string;
  readonly repository: string;
  /** Image that brings our programs into pods. */
  readonly image?: string;
  /** What manifests cannot go beyond. */
  readonly ceilings?: object;
}

/** `weka-gitops` as a person runs it, in a process of its own and with a configuration file. */
export interface ConfiguredProgram {
  run(...args: readonly string[]): Promise<Result>;
  /** What it prints as JSON. Throws what it complained of where it printed none. */
  json<Output>(...args: readonly string[]): Promise<Output>;
}

const MAIN = join(import.meta.dirname, '../../../reconciler/main.ts');

export async function configuredProgram(config: ProgramConfig): Promise<ConfiguredProgram> {
  const { folder, name, kubeconfig, repository, image, ceilings } = config;
  const path = join(folder, `${name}.json`);
  const cacheDir = join(folder, `${name}-cache`);
  const settings = {
    cluster: 'guests',
    repository: { url: repository },
    kubernetes: { kubeconfig },
    cacheDir,
    // Where nothing answers: what nodes need is built.
    ceilings: { driverRegistries: ['http://127.0.0.1:9'] },
    ...(image !== undefined && { installation: { image } }),
    ...(ceilings !== undefined && { ceilings }),
  };
  await writeFile(path, JSON.stringify(settings));
  const env = { ...process.env, WEKA_GITOPS_CONFIG: path };
  const started = async (...args: readonly string[]) => await run(process.execPath, [MAIN, ...args], { env });
  return {
    run: started,
    async json<Output>(...args: readonly string[]) {
      const { stdout, stderr } = await started(...args, '--output', 'json');
      if (stdout === '') throw new Error(stderr);
      return JSON.parse(stdout) as Output;
    },
  };
}
