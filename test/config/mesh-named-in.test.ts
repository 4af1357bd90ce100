import { describe, expect, it } from 'vitest';
import { meshNamedIn } from '../../src/config/mesh-named-in.ts';

const defaults = { tag: 'default', namespace: 'istio-system' };

describe('the mesh that a config names, although it does not validate', () => {
  it.for([
    {
      when: 'the mistake is elsewhere',
      text: 'mesh: { tag: prod, namespace: mesh }\nsoak: 30',
      is: { tag: 'prod', namespace: 'mesh' },
    },
    { when: 'another key is misspelt', text: 'mesh: { tag: prod }\npaec: {}', is: { ...defaults, tag: 'prod' } },
    { when: 'mesh is left out, and every key exists', text: 'soak: 30', is: defaults },
    { when: 'mesh is left out, and a key may mean it', text: 'mehs: { tag: prod }', is: undefined },
    { when: 'the tag is not a name', text: 'mesh: { tag: 3 }', is: undefined },
    { when: 'mesh has an unknown key, which may mean the tag', text: 'mesh: { tga: prod }', is: undefined },
    { when: 'mesh is not a map', text: 'mesh: prod', is: undefined },
    { when: 'mesh is empty', text: 'mesh:', is: undefined },
    { when: 'mesh is written twice', text: 'mesh: { tag: a }\nmesh: { tag: b }', is: undefined },
    { when: 'the text is not YAML', text: 'mesh: { tag: prod', is: undefined },
    { when: 'the text is a list', text: '- mesh', is: undefined },
    { when: 'the text is empty', text: '', is: undefined },
  ])('is $is when $when', ({ text, is }) => {
    expect(meshNamedIn(text)).toEqual(is);
  });
});
