/** What the service has done since it started. */
export class Metrics {
  readonly #answers = new Map<number, number>();
  sentBytes = 0;
  receivedBytes = 0;

  countAnswer(status: number): void {
    this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1);
  }

  /** In the text format of Prometheus, with what is so now. */
  page(gauges: Readonly<Record<string, number>>): string {
    const lines = [
      '# TYPE weka_dist_requests_total counter',
      ...[...this.#answers].map(([status, count]) => `weka_dist_requests_total{status="${status}"} ${count}`),
      '# TYPE weka_dist_sent_bytes_total counter',
      `weka_dist_sent_bytes_total ${this.sentBytes}`,
      '# TYPE weka_dist_received_bytes_total counter',
      `weka_dist_received_bytes_total ${this.receivedBytes}`,
      ...Object.entries(gauges).flatMap(([name, value]) => [
        `# TYPE weka_dist_${name} gauge`,
        `weka_dist_${name} ${value}`,
      ]),
    ];
    return `${lines.join('\n')}\n`;
  }
}
