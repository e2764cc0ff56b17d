import { ReconcilerError } from '../errors.ts';

export class ConfigError extends ReconcilerError {
  readonly code = 'CONFIG';
  readonly retry = 'after-change';
}
