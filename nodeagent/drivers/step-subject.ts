import type { Step } from '../plan/step.ts';

/** What a step is about, as fields of a log line. */
export function subjectOf(step: Step): Readonly<Record<string, unknown>> {
  switch (step.do) {
    case 'download':
    case 'unpack':
      return { file: step.package.file, sha256: step.package.sha256 };
    case 'load':
      return { module: step.module.name, sha256: step.sha256 };
    case 'load-of-kernel':
    case 'unload':
      return { module: step.module };
    case 'verify':
    case 'drop':
      return { sha256: step.sha256 };
    case 'remember':
    case 'drain':
    case 'tidy':
      return {};
  }
}
