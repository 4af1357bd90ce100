import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Inputs, readInputs } from '../../src/action/inputs.ts';
import type { VerbName } from '../../src/verbs/index.ts';

const read = (inputs: Record<string, unknown>) => readInputs(JSON.stringify(inputs));

describe('the inputs of the Action', () => {
  it('are strings, and an empty one is left out', () => {
    expect(read({ command: 'check', config: '', through: '', 'dry-run': '' })).toEqual({ command: 'check' });
    expectTypeOf<Inputs['command']>().toEqualTypeOf<Exclude<VerbName, 'export' | 'init'> | 'rehearse'>();
    expectTypeOf<Inputs['dry-run']>().toEqualTypeOf<'true' | 'false' | undefined>();
  });

  it.for([
    { what: 'no command', given: {}, says: /^input command: is missing; write for example command: upgrade$/ },
    {
      what: 'a command with a slip',
      given: { command: 'upgarde' },
      says: /^input command: "upgarde" must be one of check, .*; write upgrade$/,
    },
    {
      what: 'yes instead of true',
      given: { command: 'upgrade', 'dry-run': 'yes' },
      says: /^input dry-run: "yes" must be one of true, false; write true or false$/,
    },
    {
      what: 'a tag that no object could have',
      given: { command: 'status', tag: 'Prod_1' },
      says: /^input tag: "Prod_1" is not a valid revision tag/,
    },
    {
      what: 'a mirror that is no URL',
      given: { command: 'check', 'istioctl-mirror': 'mirror.local' },
      says: /^input istioctl-mirror: "mirror.local" is not a URL with http or https; write for example /,
    },
    {
      what: 'a time without a unit',
      given: { command: 'upgrade', timeout: '50' },
      says: /^input timeout: "50" is not a duration; write for example timeout: 50m/,
    },
    {
      what: 'a sum that is none',
      given: { command: 'check', 'istioctl-sha256': 'abc' },
      says: /^input istioctl-sha256: "abc" is not a SHA-256 sum/,
    },
    {
      what: 'an input that there is not',
      given: { command: 'check', kubeconf: 'x' },
      says: /^input kubeconf: is not an input of this Action; did you mean kubeconfig\?$/,
    },
    {
      what: 'a rehearsal that would have been an act',
      given: { command: 'rollback', 'dry-run': 'true' },
      says: /^input dry-run: cannot be combined with command rollback/,
    },
    {
      what: 'a rehearsal of nothing',
      given: { command: 'rehearse' },
      says: /^input inventory: is missing; write for example inventory: istio\/staging\/inventory.json$/,
    },
    {
      what: 'a kubeconfig in base64, without showing it,',
      given: { command: 'check', kubeconfig: 'YXBpVmVyc2lvbjogdjE='.repeat(40) },
      says: /^input kubeconfig: is neither a path nor the text of a kubeconfig; decode it first[^Y]*$/,
    },
  ])('are refused for $what, by the name of the input', ({ given, says }) => {
    expect(() => read(given)).toThrow(
      expect.objectContaining({ code: 'INPUTS_INVALID', message: expect.stringMatching(says) }),
    );
  });

  it('are refused with every mistake at once', () => {
    expect(() => read({ command: 'x', replan: '1', tag: '-' })).toThrow(
      /input command: [\s\S]*input replan: [\s\S]*input tag: /,
    );
  });

  it.for([undefined, '', 'null', '[]', '{'])('are refused when a required one is empty: %j', (text) => {
    expect(() => readInputs(text)).toThrow(expect.objectContaining({ code: 'INPUTS_INVALID' }));
  });
});
