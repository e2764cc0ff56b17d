import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Health } from '../../core/health/health.ts';
import type { Finding } from '../../core/spec/finding.ts';
import { countChanges, isClean, type Report } from '../../core/report/report.ts';
import { WEBHOOK_RESULTS, type WebhookResult } from '../forge/webhook.ts';
import type { WatchedState } from '../live/watched-state.ts';
import { addProcessMetrics } from './process-metrics.ts';

const PREFIX = 'weka_gitops_';

/** `clean`: all that was asked for is done; `incomplete`: something of it is not; `failed`: it could not be carried out. */
const PASS_RESULTS = ['clean', 'incomplete', 'failed'] as const;
const POLL_RESULTS = ['unchanged', 'moved', 'failed'] as const;
const LEVELS = ['error', 'warning', 'ignored'] as const satisfies readonly Finding['level'][];
const STATES = ['current', 'progressing', 'failed', 'missing'] as const satisfies readonly Health['state'][];
/** `dropped`: too many waited for a receiver that does not answer. */
const NOTIFICATION_RESULTS = ['sent', 'failed', 'dropped'] as const;
const VERBS: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']);

export type PollResult = (typeof POLL_RESULTS)[number];
export type NotificationResult = (typeof NOTIFICATION_RESULTS)[number];

/** Different error codes that are told apart; there are fewer than that. */
const MOST_CODES = 100;

/** What the process tells Prometheus of itself. Each label has few values, and none comes from a spec. */
export class Metrics {
  /** To be served: nothing else is in it, and nothing of ours anywhere else. */
  readonly registry = new Registry();
  readonly #codes = new Set<string>();
  #reopened = 0;
  readonly #passes = this.#counter('passes_total', 'Passes that ended, by how.', ['result']);
  readonly #passDuration = new Histogram({
    name: `${PREFIX}pass_duration_seconds`,
    help: 'How long passes took.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
    registers: [this.registry],
  });
  readonly #lastPass = this.#time(
    'last_pass_timestamp_seconds',
    'When a pass last ended; absent before one did.',
  );
  readonly #lastSuccess = this.#time(
    'last_success_timestamp_seconds',
    'When the cluster was last found, or made, to be all that the repository asks for; absent before it was.',
  );
  readonly #changes = this.#gauge('changes', 'Changes that the last pass planned, by what they do.', ['op']);
  readonly #findings = this.#gauge('findings', 'Findings in the manifests at the last pass.', ['level']);
  readonly #driftCorrected = this.#counter(
    'drift_corrected_total',
    'Objects that somebody had changed in the cluster and that were set right.',
  );
  readonly #objects = this.#gauge('objects', 'Objects that the repository asks for, by health.', ['state']);
  readonly #polls = this.#counter('repository_polls_total', 'Times the repository was asked for its tip.', [
    'result',
  ]);
  readonly #requests = this.#counter(
    'api_requests_total',
    'Requests to the API server; the code is that of HTTP, or none where no answer came.',
    ['verb', 'code'],
  );
  readonly #watchRestarts = this.#counter('watch_restarts_total', 'Watches that ended and were begun anew.');
  readonly #watches = this.#gauge(
    'watches',
    'Lists that are kept up to date by a watch (open), are to be (waiting), or cannot be read before a person acts (blocked).',
    ['state'],
  );
  readonly #leader = this.#gauge('leader', 'Whether this instance holds the lease (1) or waits for it (0).');
  readonly #suspended = this.#gauge('suspended', 'Whether a person has suspended all writes (1).');
  readonly #errors = this.#counter('errors_total', 'Failures, by their code.', ['code']);
  readonly #forgeErrors = this.#counter('forge_errors_total', 'Failures of the forge, by their code.', [
    'code',
  ]);
  readonly #webhooks = this.#counter(
    'webhook_requests_total',
    'Calls of the webhook, by what became of them.',
    ['result'],
  );
  readonly #notifications = this.#counter(
    'notifications_total',
    'Notifications, by what became of them; one that fails may be sent later.',
    ['result'],
  );

  constructor({ version }: { readonly version: string }) {
    this.#gauge('build_info', 'Always 1; the labels tell what runs.', ['version']).set({ version }, 1);
    // What is counted from 0 is seen to rise; what first appears at 1 is not.
    for (const result of PASS_RESULTS) this.#passes.inc({ result }, 0);
    for (const result of POLL_RESULTS) this.#polls.inc({ result }, 0);
    for (const result of WEBHOOK_RESULTS) this.#webhooks.inc({ result }, 0);
    for (const result of NOTIFICATION_RESULTS) this.#notifications.inc({ result }, 0);
    addProcessMetrics(this.registry);
  }

  /** A pass that ran to its end; what failed in it is counted where it is tried. `durationMs` is to be of steady time, since the report's times are of the wall clock. */
  observePass(report: Report, durationMs: number): void {
    const clean = isClean(report);
    const endedAt = report.finishedAt.getTime() / 1000;
    this.#passes.inc({ result: clean ? 'clean' : 'incomplete' });
    this.#passDuration.observe(durationMs / 1000);
    this.#lastPass.set(endedAt);
    if (clean) this.#lastSuccess.set(endedAt);

    for (const [op, count] of Object.entries(countChanges(report.changes))) this.#changes.set({ op }, count);
    for (const level of LEVELS) {
      this.#findings.set({ level }, report.findings.filter((finding) => finding.level === level).length);
    }
    const health = [...report.health.values()];
    for (const state of STATES) {
      this.#objects.set({ state }, health.filter((one) => one.state === state).length);
    }
    for (const outcome of report.outcomes) {
      if (outcome.result === 'done' && outcome.change.flags.includes('drift')) this.#driftCorrected.inc();
    }
  }

  /** A pass that an error ended, which is counted by itself. What the last whole pass found still stands. */
  observeFailedPass({ endedAt, durationMs }: { readonly endedAt: Date; readonly durationMs: number }): void {
    this.#passes.inc({ result: 'failed' });
    this.#passDuration.observe(durationMs / 1000);
    this.#lastPass.set(endedAt.getTime() / 1000);
  }

  /** Nothing had changed, so no pass was needed: the last one's verdict, if it was good, is good until `at`. */
  observeIdle(at: Date, clean: boolean): void {
    if (clean) this.#lastSuccess.set(at.getTime() / 1000);
  }

  observePoll(result: PollResult): void {
    this.#polls.inc({ result });
  }

  /** `status` is absent where the API server did not answer. */
  observeRequest(verb: string, status: number | undefined): void {
    const code =
      status !== undefined && Number.isInteger(status) && status >= 100 && status < 600
        ? `${status}`
        : 'none';
    this.#requests.inc({ verb: VERBS.has(verb) ? verb : 'other', code });
  }

  /** How the watches do, whose counts only rise. */
  observeWatches({ watches, waiting, blocked, counts }: WatchedState): void {
    this.#watches.set({ state: 'open' }, watches);
    this.#watches.set({ state: 'waiting' }, waiting);
    this.#watches.set({ state: 'blocked' }, blocked.length);
    this.#watchRestarts.inc(counts.reopened - this.#reopened);
    this.#reopened = counts.reopened;
  }

  observeError(code: string): void {
    this.#errors.inc({ code: this.#codeLabel(code) });
  }

  /** A failure of the forge, which is counted among all failures as well. */
  observeForgeError(code: string): void {
    this.#forgeErrors.inc({ code: this.#codeLabel(code) });
  }

  observeWebhook(result: WebhookResult): void {
    this.#webhooks.inc({ result });
  }

  observeNotification(result: NotificationResult): void {
    this.#notifications.inc({ result });
  }

  setLeader(leads: boolean): void {
    this.#leader.set(leads ? 1 : 0);
  }

  setSuspended(suspended: boolean): void {
    this.#suspended.set(suspended ? 1 : 0);
  }

  #codeLabel(code: string): string {
    const known =
      /^[A-Z][A-Z0-9_]{0,63}$/.test(code) && (this.#codes.has(code) || this.#codes.size < MOST_CODES);
    if (known) this.#codes.add(code);
    return known ? code : 'OTHER';
  }

  #counter<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ): Counter<Label> {
    return new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers: [this.registry] });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[] = []): Gauge<Label> {
    return new Gauge({ name: `${PREFIX}${name}`, help, labelNames, registers: [this.registry] });
  }

  /** A time that is not 1970 before it is known. */
  #time(name: string, help: string): Gauge {
    const gauge = this.#gauge(name, help);
    gauge.remove();
    return gauge;
  }
}
