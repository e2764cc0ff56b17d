import { describe, expect, it } from 'vitest';
import { compareVersions, imageVersion } from '../../../../../reconciler/core/lint/client/image-version.ts';

describe('the version of an image', () => {
  it.each([
    ['quay.io/weka.io/weka-in-container:4.4.10', '4.4.10', '4.4.10', '4.4'],
    ['weka-in-container:4.4.5.118-k8s.3', '4.4.5.118-k8s.3', '4.4.5.118', '4.4'],
    ['registry.example.com:5000/weka:5.0.1-beta', '5.0.1-beta', '5.0.1', '5.0'],
    ['weka:4.4.10@sha256:0123abcd', '4.4.10', '4.4.10', '4.4'],
  ])('of %s is %s', (image, tag, number, minor) => {
    expect(imageVersion(image)).toEqual({ tag, number, minor });
  });

  it.each(['weka', 'weka:latest', 'weka:4.4', 'registry:5000/weka'])('is not in %s', (image) => {
    expect(imageVersion(image)).toBeUndefined();
  });
});

describe('the order of versions', () => {
  it.each([
    ['4.4.9', '4.4.10', -1],
    ['5.0.0', '4.9.99', 1],
    ['4.4.10', '4.4.10.0', 0],
    ['4.4.10.1', '4.4.10', 1],
  ])('%s and %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
    expect(Math.sign(compareVersions(b, a)) + sign).toBe(0);
  });
});
