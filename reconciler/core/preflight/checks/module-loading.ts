import { isKnown } from '../../../../schemas/node/observed.ts';
import { fail, mend, pass, unclear } from '../answer.ts';
import type { NodeCheck } from '../check.ts';
import { wekaModules } from '../weka-modules.ts';

export const moduleLoading: NodeCheck = {
  about: 'a kernel that still loads modules',
  why: "WEKA's drivers are kernel modules, and the switch that forbids loading cannot be turned back.",
  concerns: 'all',
  from: 'report',
  check({ observed }) {
    const { moduleLoading: state } = observed;
    if (!isKnown(state)) {
      return unclear(state.unknown, mend('Look at the node.', 'sysctl kernel.modules_disabled'));
    }
    if (state === 'allowed') return pass(state);
    const loaded = wekaModules(observed);
    const seen = isKnown(loaded) && loaded.length > 0 ? `disabled, with WEKA's modules loaded` : state;
    return fail(
      seen,
      'loading of modules allowed',
      mend(
        'Remove kernel.modules_disabled from the sysctl settings of the node, and reboot it.',
        'grep -rs modules_disabled /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d',
        'sudo systemctl reboot',
      ),
    );
  },
};
