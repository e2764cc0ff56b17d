import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { PullRequestQueue } from './pull-request-queue.ts';

const PREFIX = 'weka_gitops_review_';

/** `outdated`: the pull request had another head, or was closed, before it was planned. */
export type VisitResult = 'done' | 'outdated' | 'failed';

/** What the planner of pull requests tells Prometheus besides. No label comes from a pull request. */
export class ReviewMetrics {
  readonly #visits: Counter<'result'>;
  readonly #duration: Histogram;

  constructor(registry: Registry, counts: () => PullRequestQueue['counts']) {
    const registers = [registry];
    this.#visits = new Counter({
      name: `${PREFIX}visits_total`,
      help: 'Times that a pull request was looked at, by how it ended.',
      labelNames: ['result'],
      registers,
    });
    for (const result of ['done', 'outdated', 'failed'] as const) this.#visits.inc({ result }, 0);
    this.#duration = new Histogram({
      name: `${PREFIX}visit_duration_seconds`,
      help: 'How long it took to look at a pull request.',
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
      registers,
    });
    const pullRequests = new Gauge({
      name: `${PREFIX}pull_requests`,
      help: 'Open pull requests that are planned, and those of them that wait for their turn or have it.',
      labelNames: ['state'],
      collect() {
        const { open, due, visited } = counts();
        this.set({ state: 'open' }, open);
        this.set({ state: 'due' }, due);
        this.set({ state: 'visited' }, visited);
      },
      registers: [],
    });
    registry.registerMetric(pullRequests);
  }

  observeVisit(result: VisitResult, durationMs: number): void {
    this.#visits.inc({ result });
    this.#duration.observe(durationMs / 1000);
  }
}
