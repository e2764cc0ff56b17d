/** When the agent does what; milliseconds. */
export interface Times {
  /** What happens together is looked at once. */
  readonly settleMs: number;
  /** Two passes are at least so far apart. */
  readonly passEveryMs: number;
  /** Two reports are at least so far apart, save where one answers another intent. */
  readonly writeEveryMs: number;
  /** How often it is looked whether something may have changed. */
  readonly pulseEveryMs: number;
  /** A pass is made so often, give or take a quarter, though nothing was heard. */
  readonly slowEveryMs: number;
  /** The API server is asked to end a watch after that, or up to twice as late. */
  readonly watchForMs: number;
  /** A watch that said nothing for so long is dead: the API server sends a bookmark every minute. */
  readonly silentAfterMs: number;
  /** Watches that all ended at one moment are opened again within it. */
  readonly spreadMs: number;
}

export const TIMES: Times = {
  settleMs: 300,
  passEveryMs: 2000,
  writeEveryMs: 60_000,
  pulseEveryMs: 5000,
  slowEveryMs: 5 * 60_000,
  watchForMs: 30 * 60_000,
  silentAfterMs: 150_000,
  spreadMs: 60_000,
};
