import { SignError } from './errors.ts';
import type { Headers } from './kernel.ts';
import { readModule } from './read-modules.ts';
import { describeEnd } from './run-child.ts';
import type { SigningKey } from './signing-key.ts';
import { type BuildRun, isWell, ownStep, runStep } from './step.ts';

/** The program of the kernel's own headers that signs modules. */
export function expectSignFile({ signFile, folder }: Headers): string {
  if (signFile !== undefined) return signFile;
  throw new SignError(`The modules cannot be signed: ${folder} has no scripts/sign-file.`, {
    hint: 'Install headers of this kernel that come with sign-file, or take module-signing out of the manifest.',
  });
}

/** Signs modules in place, with the program of the kernel's own headers. */
export async function signModules(
  run: BuildRun,
  paths: readonly string[],
  { key, headers }: { readonly key: SigningKey; readonly headers: Headers },
): Promise<void> {
  const signFile = expectSignFile(headers);
  const { signatureHash } = headers;
  for (const path of paths) {
    const args = [signatureHash, key.key, key.certificate, path];
    const end = await runStep(run, 'signing the modules', { file: signFile, args });
    const isSigned =
      isWell(end) &&
      (await ownStep(run, 'signing the modules', async () => (await readModule(path)).isSigned));
    if (isSigned) continue;
    throw new SignError(`The modules could not be signed: sign-file ended with ${describeEnd(end)}.`, {
      hint: 'Look at the last lines, and whether sign-file of these headers runs in this image.',
      lastLines: run.output.lines,
    });
  }
}
