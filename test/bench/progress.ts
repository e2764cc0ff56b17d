/** Tells a run's figures as they come, on standard error: a bench takes minutes. */
export function progress(what: string, ...seconds: readonly (number | undefined)[]): void {
  console.error(`         ${what}: ${seconds.map((each) => `${each?.toFixed(2)} s`).join(', ')}`);
}
