/** Whether a live object works, in kstatus's sense. */
export interface Health {
  readonly state: 'current' | 'progressing' | 'failed' | 'missing';
  /** One short sentence: `3 of 4 replicas are ready`. */
  readonly message: string;
}
