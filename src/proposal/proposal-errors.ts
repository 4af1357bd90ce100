import { defineError } from '../model/upgrade-error.ts';

export const NothingFollowsTag = defineError({
  code: 'NOTHING_FOLLOWS_TAG',
  title: 'No config can be proposed, because no workload follows the revision tag.',
  cause:
    'The namespaces follow another tag, or name a revision directly; or istiod runs in another namespace than istio-system.',
  message: (tag: string, istioNamespace: string, found: readonly string[]) =>
    `No workload follows tag "${tag}" of the istiods in ${istioNamespace}. ${found.length === 0 ? 'No tag and no revision was found there' : `Found: ${found.join(', ')}`}.`,
  hint: 'Name the tag with --tag, and the namespace of istiod with --istio-namespace. If the namespaces name a revision, make a tag with `istioctl tag set default --revision REVISION`, and give them the label istio.io/rev=default: their pods stay as they are.',
  actor: 'mesh operator',
  state: 'Nothing was changed.',
  exit: 'usage',
  blames: 'person',
});

export const NoReleaseFollows = defineError({
  code: 'NO_RELEASE_FOLLOWS',
  title: 'No target can be proposed.',
  cause:
    'The mesh runs the newest release that this tool knows, or its release is not known or so old that none of these may follow.',
  message: (version: string, kubernetes: string) =>
    `This tool knows no release that may follow Istio ${version} on Kubernetes ${kubernetes}.`,
  hint: 'Name the release with --target, for example --target 1.31.1.',
  actor: 'mesh operator',
  state: 'Nothing was changed.',
  exit: 'usage',
  blames: 'person',
});

export const AnswerUnusable = defineError({
  code: 'PROPOSAL_REFUSED',
  title: 'A value given to `init` cannot be used.',
  cause: 'An option or an answer is not of the form that the config needs, or names nothing in this mesh.',
  message: (value: string, why: string) => `"${value}" ${why}.`,
  hint: 'Give another value, or leave the option out to get a proposal.',
  actor: 'workflow author',
  state: 'Nothing was changed, and no file was written.',
  exit: 'usage',
  blames: 'person',
});

export const ConfigExists = defineError({
  code: 'CONFIG_EXISTS',
  title: 'The config that `init` would write exists already.',
  cause: '`init` replaces a file only if a person on a terminal says so.',
  message: (file: string) => `${file} exists.`,
  hint: 'Name another file with --out, or move this one away.',
  actor: 'workflow author',
  state: 'Nothing was changed, and the file is as it was.',
  exit: 'usage',
  blames: 'person',
});

export const ConfigNotWritten = defineError({
  code: 'CONFIG_NOT_WRITTEN',
  title: 'The config that `init` proposes cannot be written.',
  cause: 'The folder does not exist, or this user may not write there.',
  message: (file: string, why: string) => `${file} cannot be written: ${why}.`,
  hint: 'Name another file with --out.',
  actor: 'workflow author',
  state: 'Nothing was changed, and no file was written.',
  exit: 'usage',
  blames: 'person',
});

export const QuestionsEnded = defineError({
  code: 'INIT_INTERRUPTED',
  title: 'The questions of `init` were interrupted.',
  cause: 'A signal, for example of Ctrl-C, arrived while a question waited for its answer.',
  message: () => 'A question was interrupted.',
  hint: 'Run it again. With --yes it takes all proposals and does not ask.',
  actor: 'workflow author',
  state: 'Nothing was changed, and no file was written.',
  exit: 'usage',
  blames: 'person',
});
