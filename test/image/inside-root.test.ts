import { expect, it, onTestFinished, vi } from 'vitest';
import { assertRoot } from './inside-root.ts';

it('tells who is not root what is needed', () => {
  const uid = vi.spyOn(process, 'getuid');
  onTestFinished(() => uid.mockRestore());
  uid.mockReturnValue(0);
  expect(() => assertRoot('The image')).not.toThrow();
  uid.mockReturnValue(1000);
  expect(() => assertRoot('The image')).toThrow(
    'The image needs root, who may mount: run the tests as root, in a container with --privileged.',
  );
});
