/** When a policy runs, as a cron expression. */
export const CRON = 'weka-gitops.dev/cron';
/** The time zone that it is read in. */
export const TIME_ZONE = 'weka-gitops.dev/time-zone';

/** Annotations of ours that a manifest may have, on whichever kind. */
export const ANNOTATIONS: readonly string[] = [
  CRON,
  TIME_ZONE,
  'weka-gitops.dev/ignore-rule',
  'weka-gitops.dev/renamed-from',
  'weka-gitops.dev/run',
  'weka-gitops.dev/suspend',
];
