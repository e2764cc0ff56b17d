import { ConfigError } from './config-error.ts';

/** The environment and the one file that configuration is read from, given by `main`. */
export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
}

/** The secret that a file holds, without the line break at its end. */
export async function readSecret(path: string, readFile: ConfigSources['readFile']): Promise<string> {
  return (await readText(path, readFile, 'a credential')).trim();
}

/** The text of a file; throws a ConfigError that says what it should hold. */
export async function readText(
  path: string,
  readFile: ConfigSources['readFile'],
  what: string,
): Promise<string> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ConfigError(`${path}, which should hold ${what}, cannot be read.`, { cause });
  }
}
