import type { Installer } from '../ports/installer.ts';

/** Another tool or a person installs and removes: the stages wait for it, and ask nothing of this installer but what it can show. */
export const externalInstaller: Installer = {
  preview: async () => ({ objects: [], configuring: [], hash: '', isUnseen: true }),
  install: refuse,
  previewRemoval: async () => [],
  remove: refuse,
};

function refuse(): Promise<never> {
  return Promise.reject(new Error('a stage asked for what others install or remove'));
}
