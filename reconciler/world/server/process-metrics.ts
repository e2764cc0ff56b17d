import { readdirSync } from 'node:fs';
import { Counter, Gauge, type Registry } from 'prom-client';

/**
 * What Prometheus expects of every process, under its usual names. prom-client's own set samples the event loop a
 * hundred times a second; this one costs nothing until it is asked.
 */
export function addProcessMetrics(registry: Registry): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number | undefined) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const value = read();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  const startedAt = Date.now() / 1000 - process.uptime();

  const cpu = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  return void [
    cpu,
    gauge(
      'process_start_time_seconds',
      'Start time of the process since unix epoch in seconds.',
      () => startedAt,
    ),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', () => process.memoryUsage.rss()),
    gauge('process_open_fds', 'Number of open file descriptors.', openFiles),
    gauge(
      'nodejs_heap_size_used_bytes',
      'Bytes of the heap that are in use.',
      () => process.memoryUsage().heapUsed,
    ),
    gauge(
      'nodejs_heap_size_total_bytes',
      'Bytes that the heap takes.',
      () => process.memoryUsage().heapTotal,
    ),
    gauge(
      'nodejs_external_memory_bytes',
      'Bytes outside the heap that belong to objects in it.',
      () => process.memoryUsage().external,
    ),
  ];
}

/** Linux only. */
function openFiles(): number | undefined {
  try {
    // The listing itself opens one.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return undefined;
  }
}
