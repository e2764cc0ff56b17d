import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../../reconciler/core/kube/object.ts';
import { aDeployment, anObject, aPod } from '../../../../support/objects.ts';
import { gained } from './risks-of.ts';

type Json = Readonly<Record<string, unknown>>;

const container = (rest: Json, pod: Json = {}) => aDeployment('web', { container: rest, ...pod });
const context = (securityContext: Json) => container({ securityContext });
const podContext = (securityContext: Json) => aDeployment('web', { securityContext });
const PRIVILEGED = context({ privileged: true });
const annotated = (profile: string) => ({
  metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/main': profile } },
});

describe('a container', () => {
  it.each<[string, KubeObject, readonly string[]]>([
    [
      'that is a process of its Windows node',
      context({ windowsOptions: { hostProcess: true } }),
      ['process of its node in container main'],
    ],
    [
      'that is one by its pod',
      podContext({ windowsOptions: { hostProcess: true } }),
      ['process of its node in container main'],
    ],
    [
      'outside AppArmor',
      context({ appArmorProfile: { type: 'Unconfined' } }),
      ['no AppArmor profile in container main'],
    ],
    [
      'outside AppArmor by its pod',
      podContext({ appArmorProfile: { type: 'Unconfined' } }),
      ['no AppArmor profile in container main'],
    ],
    [
      'in the profile of AppArmor that the node has',
      context({ appArmorProfile: { type: 'RuntimeDefault' } }),
      [],
    ],
    [
      'outside seccomp by its pod',
      podContext({ seccompProfile: { type: 'Unconfined' } }),
      ['any system call in container main'],
    ],
    [
      'of another SELinux type',
      context({ seLinuxOptions: { type: 'spc_t' } }),
      ['SELinux type spc_t in container main'],
    ],
    [
      'of another SELinux user and role by its pod',
      podContext({ seLinuxOptions: { user: 'system_u', role: 'system_r' } }),
      ['SELinux user system_u in container main, SELinux role system_r in container main'],
    ],
    [
      'of an SELinux type and level for containers',
      context({ seLinuxOptions: { type: 'container_t', level: 's0:c1,c2' } }),
      [],
    ],
    [
      'with ports of the node',
      container({
        ports: [
          { containerPort: 80, hostPort: 80 },
          { containerPort: 53, hostPort: 53, protocol: 'UDP' },
        ],
      }),
      ['port 80/TCP of the node, port 53/UDP of the node'],
    ],
    [
      'with ports of its own',
      container({ ports: [{ containerPort: 80, hostPort: 0 }, { containerPort: 81 }] }),
      [],
    ],
    [
      'with kernel parameters of the node',
      podContext({ sysctls: [{ name: 'kernel.msgmax', value: '1' }] }),
      ['sysctl kernel.msgmax'],
    ],
    [
      'with kernel parameters of its own',
      podContext({ sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }] }),
      [],
    ],
  ])('%s', (_what, object, words) => {
    const expected = words.map((each) => `Deployment weka/web: ${each}`);
    expect(gained(object)).toEqual(expected);
    expect(gained(object, aDeployment('web', { container: { image: 'old' } }))).toEqual(expected);
    expect(gained({ ...object, metadata: { ...object.metadata, labels: { a: 'b' } } }, object)).toEqual([]);
  });

  it('that is privileged has what it then asks for', () => {
    for (const asked of [
      { appArmorProfile: { type: 'Unconfined' } },
      { seLinuxOptions: { type: 'spc_t' } },
      { seccompProfile: { type: 'Unconfined' } },
    ]) {
      expect(gained(context(asked), PRIVILEGED)).toEqual([]);
    }
    const ports = [{ containerPort: 80, hostPort: 80 }];
    expect(gained(container({ ports }), container({}, { hostNetwork: true }))).toEqual([]);
  });

  it('is outside AppArmor by the older annotation, unless its field says otherwise', () => {
    const pod = (rest: Json, securityContext: Json = {}) => ({
      ...aPod('p', { container: { securityContext } }),
      metadata: { name: 'p', namespace: 'weka', ...rest },
    });
    const words = ['Pod weka/p: no AppArmor profile in container main'];
    expect(gained(pod(annotated('unconfined').metadata))).toEqual(words);
    expect(gained(pod(annotated('runtime/default').metadata))).toEqual([]);
    expect(
      gained(pod(annotated('unconfined').metadata, { appArmorProfile: { type: 'RuntimeDefault' } })),
    ).toEqual([]);

    const template = { ...annotated('unconfined'), spec: { containers: [{ name: 'main' }] } };
    const cron = anObject('batch/v1/CronJob', 'c', { spec: { jobTemplate: { spec: { template } } } });
    expect(gained(cron)).toEqual(['CronJob weka/c: no AppArmor profile in container main']);
  });

  it('has a port of the node once, however many containers name it', () => {
    const ports = [{ containerPort: 80, hostPort: 80 }];
    const two = container({ ports }, { initContainers: [{ name: 'init', restartPolicy: 'Always', ports }] });
    expect(gained(two)).toEqual(['Deployment weka/web: port 80/TCP of the node']);
  });
});
