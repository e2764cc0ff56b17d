import { describe, expect, it } from 'vitest';
import { makeArguments } from '../../../nodeagent/build/kbuild.ts';

describe('makeArguments', () => {
  it('lets extraBuildArgs set anything but what is built and where', () => {
    const args = makeArguments('/tmp/work', '4.4.5', [
      'CC=gcc-12',
      'M=/etc',
      'KCFLAGS=-O1 -g',
      'WEKA_VERSION=x',
    ]);

    expect(args).toEqual([
      'CC=gcc-12',
      'M=/etc',
      'WEKA_VERSION=x',
      'WEKA_VERSION=4.4.5',
      'KCFLAGS=-O1 -g -ffile-prefix-map=/tmp/work=/weka-drivers',
      'M=/tmp/work',
      'modules',
    ]);
  });
});
