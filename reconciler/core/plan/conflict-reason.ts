/** Why an object stays as it is in which other managers own `fields`; `more` where other changes of it are held up by that. */
export function conflictReason(fields: readonly string[], more: boolean): string {
  return (
    `Another manager owns ${fields.join(', ')}: take it out of the manifest, stop the other manager, ` +
    `or set spec.conflicts: force in Settings${alsoWaiting(more)}`
  );
}

/** Part of an object cannot be applied alone: leaving fields out would remove those that are ours. */
export function alsoWaiting(more: boolean): string {
  return more ? '; other changes of it wait for that too' : '';
}
