const MS = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Whole seconds of a span of time as Kubernetes writes it, at least one: `1h30m` is `5400`. */
export function seconds(duration: string): string {
  let ms = 0;
  for (const [, count, unit] of duration.matchAll(/([0-9.]+)(ns|us|µs|ms|s|m|h)/g)) {
    ms += Number(count) * MS[unit as keyof typeof MS];
  }
  return String(Math.max(1, Math.round(ms / 1000)));
}
