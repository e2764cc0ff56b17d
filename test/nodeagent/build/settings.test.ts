import { describe, expect, it } from 'vitest';
import { readBuildSettings } from '../../../nodeagent/build/settings.ts';

const least = { WEKA_VERSION: '4.4.5.118', UPLOAD_URL: 'https://10.0.0.7:60002' };
const script = (text: string) => Buffer.from(text).toString('base64');

describe('readBuildSettings', () => {
  it('takes all that a pod can be told', () => {
    const settings = readBuildSettings({
      ...least,
      EXPECTED_KERNEL: '6.1.0-40-cloud-amd64',
      BUILD_AHEAD: 'true',
      DRIVERS_BUILD_ID: 'ubuntu24.04',
      PRE_RUN_SCRIPT: script('echo "ä"\n'),
      EXTRA_BUILD_ARGS: '["V=1","CC=gcc-12"]',
      BUILD_TIMEOUT_SECONDS: '90',
      DRIVER_SOURCE: '/src',
      UPLOAD_SERVER_NAME: 'demo-dist.weka.svc.cluster.local',
    });

    expect(settings).toEqual({
      version: '4.4.5.118',
      expectedKernel: '6.1.0-40-cloud-amd64',
      isAhead: true,
      buildId: 'ubuntu24.04',
      preRunScript: 'echo "ä"\n',
      extraBuildArgs: ['V=1', 'CC=gcc-12'],
      timeoutMs: 90_000,
      source: '/src',
      upload: { url: 'https://10.0.0.7:60002', serverName: 'demo-dist.weka.svc.cluster.local' },
    });
  });

  it('has half an hour, and finds the build id by itself, where nothing is said', () => {
    const settings = {
      version: '4.4.5.118',
      extraBuildArgs: [],
      timeoutMs: 1_800_000,
      upload: { url: least.UPLOAD_URL },
    };
    expect(readBuildSettings(least)).toEqual(settings);
    expect(readBuildSettings({ ...least, DRIVERS_BUILD_ID: 'auto', PRE_RUN_SCRIPT: '' })).toEqual(settings);
  });

  it.each([
    ['quay.io/weka.io/weka-in-container:4.4.5.118-k8s.3', '4.4.5.118-k8s.3'],
    ['registry:5000/weka:4.4.5.118', '4.4.5.118'],
    ['registry:5000/weka:4.4.5.118@sha256:0123', '4.4.5.118'],
  ])('takes the version of %s by its tag', (image, version) => {
    expect(readBuildSettings({ ...least, WEKA_VERSION: undefined, IMAGE_NAME: image }).version).toBe(version);
  });

  it.each([
    [{ WEKA_VERSION: undefined }, 'The pod is not told which version of WEKA its drivers are for.'],
    [
      { WEKA_VERSION: undefined, IMAGE_NAME: 'registry:5000/weka' },
      'The pod is not told which version of WEKA its drivers are for.',
    ],
    [
      { WEKA_VERSION: '../x' },
      'WEKA_VERSION of the pod cannot be used: is no word of letters, digits and .+~_-.',
    ],
    [{ UPLOAD_URL: undefined }, 'The pod is not told which distribution service gets the package.'],
    [{ UPLOAD_URL: 'ftp://x' }, 'UPLOAD_URL of the pod cannot be used: is no address.'],
    [{ EXTRA_BUILD_ARGS: 'V=1' }, 'EXTRA_BUILD_ARGS of the pod is no JSON.'],
    [{ EXTRA_BUILD_ARGS: '["V=1",1]' }, /^EXTRA_BUILD_ARGS of the pod cannot be used at 1: /],
    [{ PRE_RUN_SCRIPT: 'echo hello' }, 'PRE_RUN_SCRIPT of the pod cannot be used: is no base64.'],
    [{ BUILD_TIMEOUT_SECONDS: '0' }, /^BUILD_TIMEOUT_SECONDS of the pod cannot be used: /],
    [{ DRIVER_SOURCE: 'src' }, 'DRIVER_SOURCE of the pod cannot be used: is no whole path.'],
  ])('refuses %j', (changed, message) => {
    expect(() => readBuildSettings({ ...least, ...changed })).toThrow(message);
  });
});
