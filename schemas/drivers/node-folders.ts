/** Folder of a node in which the pods that load the vendor's packages keep the one that was loaded last, to go back to. */
export const KEPT_FOLDER = '/var/lib/weka-drivers-loader';

/** Folder of a node in which its agent keeps packages, and what it knows of them, over a reboot. */
export const STATE_FOLDER = '/var/lib/weka-nodeagent';
