import type { Command } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import { notifiedCommit } from '../core/notify/notified.ts';
import { reportOutput } from '../core/report/json.ts';
import { reportHtml } from '../core/report/html.ts';
import { reportMarkdown } from '../core/report/markdown.ts';
import { isClean } from '../core/report/report.ts';
import { reportText } from '../core/report/terminal.ts';
import { explain, ReconcilerError } from '../errors.ts';
import type { Program } from '../program.ts';
import { publish, reconcile } from '../reconcile.ts';
import { ToldOrigin } from '../unattended/told-origin.ts';
import { type Ended, type OncePlace, type Telling, tellOnce } from '../unattended/tell-once.ts';
import { LeaseHeldError } from '../world/lease/errors.ts';
import { fenced } from '../world/lease/fenced.ts';
import { stopDeadline } from '../world/stop-deadline.ts';
import { passConfig } from './pass-config.ts';
import { render } from './render.ts';

/**
 * One pass. Exits 1 where something that was asked for is not done, 2 where it could not be told to whoever the configuration
 * names.
 */
export async function reconcileCommand(
  command: Extract<Command, { verb: 'reconcile' }>,
  program: Program,
): Promise<ExitCode> {
  const { clock, log, console } = program;
  const signal = program.stopSignal();
  const config = await program.config(command.flags);
  const repository = program.repository(config);
  const statusBranch = program.statusBranch(config);

  await using listeners = await program.listeners(config);
  await using lease = await program.lease(config);
  await using cluster = await program.cluster(config, lease);
  await using registry = program.registry(config);
  using last = stopDeadline(signal, listeners.time);
  const origin = new ToldOrigin(repository);
  const { cluster: name, repository: { ref = 'main' } = {} } = config;
  const assertHeld = () => lease.assertHeld();
  const place = { ...listeners, cluster: name, ref, statusBranch, clock, assertHeld };
  const recorded = await recordedFor(place);
  const tell = async (ended: Ended): Promise<Telling> => {
    if (!isHeard(place) || signal.aborted) return NOBODY;
    try {
      await lease.acquireUnlessHeld(signal);
      return await tellOnce(place, ended, { recorded, lastCommit: origin.lastCommit }, { signal });
    } catch (error) {
      // Whoever is at work tells what it does.
      if (error instanceof LeaseHeldError || signal.aborted) return NOBODY;
      if (error instanceof ReconcilerError) return { ...NOBODY, failures: [error] };
      throw error;
    }
  };

  // What receivers were told is recorded with the report, so that comes after them.
  const isToldLater = isHeard(place);
  const ports = {
    repository,
    cluster: fenced(cluster, lease),
    statusBranch: isToldLater ? undefined : statusBranch,
    clock,
    log,
    registry,
  };
  const pass = reconcile(ports, passConfig(config, program), {
    signal,
    origin: origin.read,
    claim: () => lease.acquireUnlessHeld(signal),
    planDigest: command.planDigest,
  });
  const { report, trouble, ...ended } = await pass.catch(async (error: unknown) => {
    const unread = origin.unread(error);
    if (unread !== undefined) await tellUnread(await tell(unread), place, program, last.signal);
    throw error;
  });
  render(
    reportOutput(report),
    command.output,
    { text: reportText, markdown: reportMarkdown, html: reportHtml },
    console,
  );

  for (const error of trouble) {
    console.complain(`weka-gitops: What is told above was done, but then:\n${explain(error)}\n`);
  }
  const { failures, notified } = await tell({ report, commits: origin.commits });
  complainOf(failures, program);
  const pages = listeners.forge?.pages;
  const published = isToldLater
    ? await publish(place, report, { signal: last.signal, pages, notified })
    : ended.published;
  if ('error' in published) {
    console.complain(`weka-gitops: The pass is done, but could not be told on ${published.ref}.\n`);
    console.complain(`${explain(published.error)}\n`);
    return 2;
  }
  if (published.commit !== undefined) {
    log.info({ ref: published.ref, commit: published.commit }, 'Wrote the status branch');
  }
  if (failures.length > 0 || trouble.length > 0) return 2;
  return isClean(report) ? 0 : 1;
}

const NOBODY: Telling = { failures: [], notified: undefined };

function isHeard({ forge, receivers }: OncePlace): boolean {
  return forge !== undefined || receivers.length > 0;
}

/** What the status branch held before the pass. Where it cannot be read it is not known what was told, and more is told than need be. */
async function recordedFor(place: OncePlace) {
  if (!isHeard(place)) return [];
  try {
    return (await place.statusBranch?.read())?.files ?? [];
  } catch (error) {
    if (error instanceof ReconcilerError) return [];
    throw error;
  }
}

/** There is no report of a commit that could not be read; that receivers were told of it is recorded all the same. */
async function tellUnread(
  { failures, notified }: Telling,
  { statusBranch }: OncePlace,
  program: Program,
  signal: AbortSignal,
): Promise<void> {
  complainOf(failures, program);
  if (notified === undefined) return;
  try {
    await statusBranch?.publish((tip) => notifiedCommit(notified, tip), { signal });
  } catch (error) {
    if (!(error instanceof ReconcilerError)) throw error;
    complainOf([error], program);
  }
}

function complainOf(untold: readonly ReconcilerError[], { console }: Program): void {
  for (const error of untold) {
    console.complain(`weka-gitops: Not everybody could be told of this pass:\n${explain(error)}\n`);
  }
}
