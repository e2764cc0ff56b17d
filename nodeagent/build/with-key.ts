import type { KeyHand } from './key-hand.ts';
import { secretBodies } from './last-lines.ts';
import { type Signer, type SigningKey, withKeyFiles } from './signing-key.ts';
import { type BuildRun, ownStep } from './step.ts';

/**
 * Gets the key, and has it in this container while `sign` works with it, which is to be nothing but what signs: what else is made by
 * programs of the manifest is made before or after. Gives whose key it is, and what `sign` gives.
 */
export async function withKey<Result>(
  run: BuildRun,
  signing: KeyHand,
  sign: (key: SigningKey) => Promise<Result>,
): Promise<{ readonly result: Result; readonly signed: Signer }> {
  const text = await ownStep(run, 'getting the key', async () => await signing.give());
  run.output.hide(secretBodies(text.secret));
  return await withKeyFiles(text, async (key) => {
    const { fingerprint, isRepeatable } = key;
    return { result: await sign(key), signed: { fingerprint, isRepeatable } };
  });
}
