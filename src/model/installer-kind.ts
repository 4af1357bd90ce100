/** What installs and removes the istiods of a mesh. The tag is moved by istioctl under each of them. */
export type InstallerKind = 'istioctl' | 'helm' | 'command' | 'external';

/** The installer of a plan; plans of releases that knew only istioctl do not name it. */
export const installerOf = ({ installer = 'istioctl' }: { installer?: InstallerKind }): InstallerKind => installer;

/** Whether another tool or a person installs and removes, and the run waits for it. */
export const awaitsOthers = (plan: { installer?: InstallerKind }): boolean => installerOf(plan) === 'external';
