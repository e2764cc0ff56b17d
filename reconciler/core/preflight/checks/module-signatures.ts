import { isKnown } from '../../../../schemas/node/observed.ts';
import { fail, mend, pass, unclear } from '../answer.ts';
import type { NodeCheck } from '../check.ts';
import { wekaModules } from '../weka-modules.ts';

/** Secure Boot by itself refuses nothing: where the kernel is neither locked down nor enforces signatures, it passes. */
export const moduleSignatures: NodeCheck = {
  about: 'a kernel that takes unsigned modules',
  why: "WEKA's drivers have no signature that the kernel knows, unless you sign them yourself.",
  concerns: 'all',
  from: 'report',
  check({ observed }) {
    const { lockdown, moduleSignatures: signatures, secureBoot } = observed;
    const boot = isKnown(secureBoot) && secureBoot === 'on' ? ', Secure Boot on' : '';
    const isLocked = isKnown(lockdown) && lockdown !== 'none';
    if (isLocked || (isKnown(signatures) && signatures === 'enforced')) {
      const modules = wekaModules(observed);
      if (isKnown(modules) && modules.some(({ state }) => state === 'live')) {
        return pass(`signed modules only${boot}, and WEKA's are loaded`);
      }
      const seen = isLocked ? `lockdown ${lockdown}${boot}` : `signatures enforced${boot}`;
      return fail(
        seen,
        'no lockdown, and signatures not enforced',
        mend(
          "Switch Secure Boot off in the firmware and reboot, or have WEKA's drivers signed with a key that the firmware knows: name its Secret as module-signing in additionalSecrets of a WekaContainer of mode drivers-builder.",
          'sudo mokutil --disable-validation && sudo systemctl reboot',
        ),
      );
    }
    const [first] = [lockdown, signatures].filter((each) => !isKnown(each));
    if (first !== undefined && !isKnown(first)) {
      // Without Secure Boot nobody locks the kernel down unless told on its command line, which signatures follow.
      const look = mend(
        'Look at the node.',
        'cat /sys/kernel/security/lockdown /sys/module/module/parameters/sig_enforce',
      );
      return unclear(first.unknown, look);
    }
    return pass(`unsigned modules taken${boot}`);
  },
};
