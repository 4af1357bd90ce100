import { describe, expect, it } from 'vitest';
import { checkOwners } from '../../src/checks/owners.ts';
import type { Owner } from '../../src/model/owner.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { TagObject } from '../../src/model/world.ts';
import { controlPlane, New, Old, plan, tagObjects } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

const istioctl: Owner = { by: 'istioctl', name: '' };
const helm: Owner = { by: 'helm', name: 'istiod-1-30-4', namespace: 'istio-system' };
const base: Owner = { by: 'helm', name: 'istio-base', namespace: 'istio-system' };
const argo: Owner = { by: 'argo-cd', name: 'mesh' };
const flux: Owner = { by: 'flux-kustomization', name: 'mesh', namespace: 'flux-system' };
const operator: Owner = { by: 'operator', name: 'IstioRevision default' };

interface Case {
  says: string[];
  when: string;
  /** Of the old istiod. */
  old?: Owner | undefined;
  hasNew?: boolean;
  tag?: Owner;
  validator?: Owner;
  managers?: string[];
  tagOwner?: NonNullable<Plan['tagOwner']>;
  installer?: NonNullable<Plan['installer']>;
}

function tagOf({ tag, validator = tag, managers }: Case): TagObject[] {
  return [
    ...tagObjects({ webhook: Old, Service: Old }, managers, tag),
    ...tagObjects({ validator: Old }, managers, validator),
  ];
}

function findingsOf(given: Case) {
  const { old = istioctl, hasNew = false, tagOwner, installer } = given;
  const controlPlanes = new Map([
    [Old, controlPlane(Old, { owner: 'old' in given ? given.old : old })],
    ...(hasNew ? [[New, controlPlane(New)] as const] : []),
  ]);
  const tags = new Map([['default', tagOf(given)]]);
  return checkOwners({ controlPlanes, tags }, plan({ ...(tagOwner && { tagOwner }), ...(installer && { installer }) }));
}

describe('the check of owners', () => {
  const cases: Case[] = [
    { says: [], when: 'istioctl owns all' },
    { says: [], when: 'istioctl owns the istiod and the default tag of its install', tag: istioctl },
    {
      says: ['blocks MIXED_INSTALLERS', 'notes MESH_OWNERS'],
      when: 'Helm owns the old istiod and no tag, and the config says that istioctl installs',
      old: helm,
    },
    {
      says: ['notes INSTALLER_TOLD', 'notes MESH_OWNERS'],
      when: 'Helm owns the old istiod, and the run waits for it',
      old: helm,
      installer: 'external',
    },
    {
      says: ['notes INSTALLER_TOLD', 'notes MESH_OWNERS'],
      when: 'Helm owns the old istiod and installs the new one',
      old: helm,
      installer: 'helm',
    },
    {
      says: ['notes INSTALLER_TOLD', 'blocks NOT_INSTALLED_BY_HELM'],
      when: 'istioctl owns the old istiod, and the config says that Helm installs',
      installer: 'helm',
    },
    {
      says: ['notes INSTALLER_TOLD', 'blocks TAG_GOES_WITH_OLD', 'notes MESH_OWNERS'],
      when: 'Helm installs, and the old release has the tag',
      old: helm,
      tag: helm,
      installer: 'helm',
    },
    {
      says: ['notes INSTALLER_TOLD'],
      when: 'istioctl owns the old istiod, and commands of the user install',
      installer: 'command',
    },
    {
      says: ['notes INSTALLER_TOLD', 'blocks TAG_GOES_WITH_OLD', 'notes MESH_OWNERS'],
      when: 'the run waits for a release that also has the tag',
      old: helm,
      tag: helm,
      installer: 'external',
    },
    {
      says: ['warns NOT_INSTALLED_BY_ISTIOCTL', 'notes MESH_OWNERS'],
      when: 'Helm owns the old istiod, and the new one is installed already',
      old: helm,
      hasNew: true,
    },
    { says: ['warns NOT_INSTALLED_BY_ISTIOCTL'], when: 'no mark tells who installed the old istiod', old: undefined },
    {
      says: ['blocks MIXED_INSTALLERS', 'blocks TAG_GOES_WITH_OLD', 'notes MESH_OWNERS'],
      when: 'the release of the old istiod also has the tag',
      old: helm,
      tag: helm,
    },
    {
      says: [
        'warns NOT_INSTALLED_BY_ISTIOCTL',
        'blocks TAG_GOES_WITH_OLD',
        'warns TAG_IN_HELM_RELEASE',
        'notes MESH_OWNERS',
      ],
      when: 'it has the tag, the new istiod is installed, and the release of base has the validator',
      old: helm,
      hasNew: true,
      tag: helm,
      validator: base,
    },
    {
      says: ['warns NOT_INSTALLED_BY_ISTIOCTL', 'warns TAG_IN_HELM_RELEASE', 'notes MESH_OWNERS'],
      when: 'the tag is in a separate release',
      old: helm,
      hasNew: true,
      tag: { ...helm, name: 'istio-tags' },
    },
    {
      says: ['blocks MIXED_INSTALLERS', 'blocks TAG_GOES_WITH_OLD', 'blocks TAG_OWNED_BY_GITOPS', 'notes MESH_OWNERS'],
      when: 'one Application has the istiod and the tag',
      old: argo,
      tag: argo,
    },
    {
      says: ['warns NOT_INSTALLED_BY_ISTIOCTL', 'notes MESH_OWNERS'],
      when: 'that Application never deletes the tag, and the config says that it leaves the tag alone',
      old: argo,
      hasNew: true,
      tag: { ...argo, neverDeletes: true },
      tagOwner: 'delegated',
    },
    { says: ['blocks TAG_OWNED_BY_GITOPS', 'notes MESH_OWNERS'], when: 'an Application has the tag alone', tag: argo },
    { says: ['blocks TAG_OWNED_BY_GITOPS', 'notes MESH_OWNERS'], when: 'an operator has the tag', tag: operator },
    {
      says: ['notes MESH_OWNERS'],
      when: 'a Kustomization has the tag and its marks delegate it',
      tag: { ...flux, standsBack: 'delegated' },
    },
    {
      says: ['warns TAG_OWNED_BY_GITOPS', 'notes MESH_OWNERS'],
      when: 'a Kustomization has the tag and its marks pause it',
      tag: { ...flux, standsBack: 'paused' },
    },
    {
      says: ['blocks TAG_OWNED_BY_GITOPS', 'notes MESH_OWNERS'],
      when: 'only the validator of the tag is not paused',
      tag: { ...flux, standsBack: 'paused' },
      validator: flux,
    },
    {
      says: ['warns TAG_OWNED_BY_GITOPS', 'notes MESH_OWNERS'],
      when: 'the config says that the owner is paused',
      tag: argo,
      tagOwner: 'paused',
    },
    {
      says: ['warns TAG_OWNED_BY_GITOPS'],
      when: 'a GitOps controller has written the tag and left no mark of an owner',
      managers: ['istio-ci', 'argocd-controller'],
    },
    {
      says: [],
      when: 'the config says of that controller that it is paused',
      managers: ['istio-ci', 'argocd-controller'],
      tagOwner: 'paused',
    },
  ];

  it.for(cases)('reports $says when $when', (given) => {
    expect(said(findingsOf(given))).toEqual(given.says);
  });

  it('says how the tag leaves the Helm release, the mark of the release last', () => {
    const [found] = findingsOf({ says: [], when: '', old: helm, tag: helm }).filter(
      ({ code }) => (code as string) === 'TAG_GOES_WITH_OLD',
    );
    expect(found?.objects).toEqual([
      'webhook webhook of the tag',
      'Service Service of the tag',
      'validator validator of the tag',
    ]);
    const order = [
      'helm.sh/resource-policy=keep',
      'revisionTags',
      'helm upgrade istiod-1-30-4 -n istio-system',
      'meta.helm.sh/release-name-',
    ];
    const places = order.map((part) => found?.fix.indexOf(part) ?? -1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
  });
});
