import { onTestFinished } from 'vitest';
import type { Forge } from '../../../reconciler/forge-port.ts';
import type { Duty } from '../../../reconciler/unattended/duty.ts';
import { ForgeTelling } from '../../../reconciler/unattended/forge-telling.ts';
import { Turns } from '../../../reconciler/unattended/turns.ts';
import { ManualTime } from '../world/lease/manual-time.ts';

/** A process that tells a forge, at the times of a test, and ends with it at the latest. */
export function tellingProcess(forge: Forge, time = new ManualTime()) {
  const failures: string[] = [];
  const quiet = () => {};
  const duty = {
    forge,
    statusBranch: { ref: 'refs/heads/weka-gitops/status/production' },
    lease: { assertHeld: quiet },
    metrics: { observeError: quiet, observeForgeError: (code: string) => failures.push(code) },
    time,
    random: () => 0.99,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  };
  const loop = new ForgeTelling(duty as unknown as Duty, { cluster: 'production', turns: new Turns(time) });
  const stop = new AbortController();
  loop.run(stop.signal, new AbortController().signal).catch(quiet);
  const end = () => stop.abort(new Error('It is over.'));
  onTestFinished(end);
  return { loop, time, failures, end };
}
