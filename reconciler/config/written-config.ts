import type { Flags } from '../args.ts';
import { ConfigFile } from './config-file.ts';
import { type ConfigSources, readText } from './config-sources.ts';
import { given, invalid, overlay, parseFile } from './overlay.ts';
import { unheeded, type Unheeded } from './unheeded.ts';

/** A configuration for processes elsewhere. The files that it names are not read: they need not be here. */
export interface WrittenConfig {
  /** What was written, with what flags say on top; nothing of this machine's environment. */
  readonly written: Readonly<Record<string, unknown>>;
  /** The same, checked and with defaults. */
  readonly settings: ConfigFile;
  /** What variables of this machine say besides. */
  readonly unheeded: readonly Unheeded[];
}

/** Reads the configuration as it is written down. Throws a ConfigError where it is not valid. */
export async function writtenConfig(flags: Flags, { env, readFile }: ConfigSources): Promise<WrittenConfig> {
  const path = flags.config ?? env['WEKA_GITOPS_CONFIG'];
  const file = path === undefined ? {} : parseFile(path, await readText(path, readFile, 'the configuration'));
  const over = given(flags, {});
  const written = overlay(file, over);
  const checked = ConfigFile.safeParse(written);
  if (!checked.success) throw invalid(path, checked.error, over);
  const flagged = new Set(over.map(({ path: setting }) => setting));
  return { written, settings: checked.data, unheeded: unheeded(checked.data, env, flagged) };
}
