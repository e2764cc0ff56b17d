import * as z from 'zod';
import { DriverPackage } from '../../schemas/drivers/package.ts';
import { DriversIntent, DriverSource } from '../../schemas/node/drivers.ts';
import { BuildSettingsError } from '../build/errors.ts';
import { type Environment, jsonSetting } from '../build/settings.ts';
import { nodeName } from '../args/values.ts';

/** What a loader is to load, and where it gets it. */
export interface LoadSettings {
  readonly package: DriverPackage;
  readonly from: readonly DriverSource[];
  readonly node: string;
  /** Uid of the pod; empty where it is not told. */
  readonly pod: string;
  /** What may become of other modules of the same names. */
  readonly replace: DriversIntent['replace'];
  /** How long it goes on trying: first to get the package, then to load it. */
  readonly withinMs: number;
}

/** As the vendor's own loader has it (weka-operator §3.5). */
const WITHIN_SECONDS = 120;

/** The settings in the environment of a loader's pod. */
export function readLoadSettings(env: Environment): LoadSettings {
  const wanted = jsonSetting(env, 'LOAD_PACKAGE', DriverPackage);
  const from = jsonSetting(env, 'LOAD_FROM', z.array(DriverSource).min(1).max(8));
  if (wanted === undefined || from === undefined) {
    throw new BuildSettingsError(
      `The pod is not told ${wanted === undefined ? 'which package to load' : 'where to get the package'}.`,
      { hint: `Set ${wanted === undefined ? 'LOAD_PACKAGE' : 'LOAD_FROM'}, as the reconciler does.` },
    );
  }
  if (wanted.layout !== 'vendor') {
    throw new BuildSettingsError(
      `The package ${wanted.file} is of modules, which the agent of the node loads itself.`,
      {
        hint: 'Let the intent of the node name it.',
      },
    );
  }
  const replace = DriversIntent.shape.replace.safeParse(env['LOAD_REPLACE'] || 'never');
  if (!replace.success) {
    throw new BuildSettingsError('LOAD_REPLACE of the pod is none of never, unused and drain.');
  }
  const seconds = jsonSetting(env, 'LOAD_TIMEOUT_SECONDS', z.number().min(1).max(3600)) ?? WITHIN_SECONDS;
  return {
    package: wanted,
    from,
    node: nodeName('NODE_NAME', env['NODE_NAME'] ?? ''),
    pod: env['POD_ID'] ?? '',
    replace: replace.data,
    withinMs: seconds * 1000,
  };
}
