import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readFiles, told } from './read.ts';

it('reads the vendor’s manifests for driver distribution without an error', () => {
  const text = readFileSync(new URL('weka-driver.yaml', import.meta.url), 'utf8');
  const parsed = readFiles({ 'weka-driver.yaml': text });
  expect(told(parsed).filter((line) => !line.includes(' ignored '))).toEqual([]);
  expect(parsed.specs.map(({ id, source }) => `${source} ${id}`)).toEqual([
    'weka-driver.yaml:1 weka.weka.io/v1alpha1/WekaContainer/weka-operator-system/weka-drivers-dist',
    'weka-driver.yaml:17 v1/Service/weka-operator-system/weka-drivers-dist',
    'weka-driver.yaml:31 weka.weka.io/v1alpha1/WekaContainer/weka-operator-system/weka-drivers-builder-157',
  ]);
  expect(parsed.broken).toEqual([]);
});
