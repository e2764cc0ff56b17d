import type { Console } from '../../reconciler/program.ts';
import { abortOf } from '../../reconciler/unattended/ending.ts';
import { Narrator } from './narrator.ts';
import { Stage } from './stage.ts';
import { tell } from './story.ts';

/**
 * Shows the main job on real parts: a control plane, a git server, and this program. Gives 0 if every step came out as
 * told, 1 if not, 130 once `stop` is aborted. Nothing is left behind, whichever way it ends.
 */
export async function demo({
  keep,
  console,
  stop,
}: {
  readonly keep: boolean;
  readonly console: Console;
  readonly stop: AbortSignal;
}): Promise<number> {
  const narrator = new Narrator(console);
  // Its terminal was closed.
  const hungUp = new AbortController();
  const hangUp = () => hungUp.abort();
  process.on('SIGHUP', hangUp);
  const interrupted = abortOf(AbortSignal.any([stop, hungUp.signal])).then(() => 'interrupted' as const);

  const setting = Stage.set((text) => narrator.note(text));
  const playing = setting.then((stage) => play(stage, narrator, keep, interrupted));
  try {
    const end = await Promise.race([playing, interrupted]);
    if (end === 'interrupted') {
      narrator.note('\nStopping …');
      narrator.fallSilent();
      return 130;
    }
    return end;
  } finally {
    playing.catch(() => undefined);
    await (await setting.catch(() => undefined))?.stop();
    process.off('SIGHUP', hangUp);
  }
}

async function play(
  stage: Stage,
  narrator: Narrator,
  keep: boolean,
  interrupted: Promise<unknown>,
): Promise<0 | 1> {
  await tell(stage, narrator);
  const { broken, held } = narrator;
  if (broken.length > 0)
    narrator.note(`\n${broken.length} of ${held + broken.length} promises broken:\n  ${broken.join('\n  ')}`);
  else narrator.note(`\nAll ${held} promises held.`);
  if (keep) {
    narrator.note(`
Everything runs until Ctrl-C. To play with it:
  export KUBECONFIG=${stage.controlPlane.adminKubeconfig()}
  export WEKA_GITOPS_CONFIG=${stage.config}
  cd ${stage.clone}        # edit, commit, git push
  repository: ${stage.repository}`);
    await interrupted;
  }
  return broken.length > 0 ? 1 : 0;
}
