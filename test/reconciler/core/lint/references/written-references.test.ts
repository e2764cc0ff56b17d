import { expect, it } from 'vitest';
import { secretKey } from '../../../../../reconciler/core/lint/references/written-references.ts';

it.each([
  ['splunk.token', 'splunk', 'token'],
  ['splunk.example.com.token', 'splunk.example.com', 'token'],
  ['token', undefined, undefined],
  ['.token', undefined, undefined],
  ['splunk.', undefined, undefined],
])('%s is secret %s with key %s', (text, name, key) => {
  expect(secretKey(text)).toEqual({ name, key });
});
