import { SIGNING_KEY_FOLDER, SIGNING_SOCKET } from '../../schemas/drivers/signing.ts';
import { STATE_FOLDER } from '../../schemas/drivers/node-folders.ts';
import { DIST_FOLDER, DIST_TLS, IN_USE, LISTEN, TERMINATION_LOG, UPLOAD_TLS } from './defaults.ts';

export const USAGE = `weka-nodeagent tells what a node is, for WEKA storage on Kubernetes, and brings kernel drivers there.

Usage: weka-nodeagent COMMAND [OPTIONS]

On a node:

  observe   print what there is of this host: kernel, modules, huge pages, CPUs, disks, network.
            It only reads, and says of everything that it could not read why.
    --root DIR           folder where the root of the host is mounted; / where unset
    --node NAME          name of the node in the cluster; the host's own where unset
    --output FORMAT      text or json, which is the report as the cluster gets it

  run       observe when the host or what is asked of it changes, and now and then, load the drivers that the node
            shall have, and write a report to the ConfigMap weka-node-report-NODE where it differs from the last;
            SIGTERM ends it
    --root DIR           as above
    --node NAME          as above; the environment's NODE_NAME where unset
    --namespace NAME     where the ConfigMaps are; that of the pod, or of the kubeconfig, where unset
    --kubeconfig FILE    how to reach the cluster; KUBECONFIG, or the pod's account, where unset
    --listen HOST:PORT   where /livez and /readyz are answered; ${LISTEN} where unset, nowhere where empty.
                         It lives while its loops turn, and is ready while what the cluster holds is what was
                         seen lately
    --state DIR          where packages of drivers are kept over a reboot; ${STATE_FOLDER} where unset

  drivers   print which drivers are loaded, and which are kept
    --root, --state, --output   as above

In pods; what they are to do they take from their environment:

  dist      serve packages of drivers, and take new ones from those who have a certificate for it; SIGTERM ends it
    --folder DIR         where they are, in its folder drivers; ${DIST_FOLDER} where unset
    --tls DIR            tls.crt, tls.key and ca.crt, read anew when they change; ${DIST_TLS} where unset
    --in-use FILE        which packages are not removed to make room, read anew when it matters; where it is
                         missing none is. ${IN_USE} where unset
    --listen HOST:PORT   the port PORT of the environment on every address where unset

  build     build drivers for the kernel of this node, and upload them
  fetch     bring a package of drivers from the registry to a distribution service
    --tls DIR            certificate to upload with; ${UPLOAD_TLS} where unset
    --result FILE        is told how it ended, as JSON; ${TERMINATION_LOG} where unset

  load      install a package of drivers by the vendor's own command
    --result FILE        as above

  keep-key  keep the key that modules are signed with, and give it to the builder beside it; SIGTERM ends it
    --folder DIR         signing_key.pem and signing_cert.pem; ${SIGNING_KEY_FOLDER} where unset
    --socket FILE        where the builder asks for it; ${SIGNING_SOCKET} where unset

  copy-programs DIR      copy this program and all that it needs to DIR, for pods of other images

  help      print this
  version   print the version

Exit codes: 0 what was asked for is done, 2 trouble. Where something on the host never answers, the report says so, and
the process ends by a signal.
`;
