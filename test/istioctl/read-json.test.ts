import { describe, expect, it } from 'vitest';
import { readJson, readJsonDocuments } from '../../src/istioctl/read-json.ts';
import { transcript } from './transcript.ts';

describe('JSON of istioctl', () => {
  it('is found behind log lines', () => {
    expect(readJson(transcript('logs-before-json').stdout)).toMatchObject({ meshVersion: [] });
  });

  it('may be several documents, with brackets inside their texts', () => {
    expect(readJsonDocuments('{"a":"}{\\""}\n{\n  "b": {}\n}\n')).toEqual([{ a: '}{"' }, { b: {} }]);
  });

  it.for(['', 'No Istio revision tags found.\n', '{"a":1', '{"a":1} trailing'])('is not found in %j', (text) => {
    expect(() => readJson(text)).toThrow(SyntaxError);
    expect(() => readJsonDocuments(text)).toThrow(SyntaxError);
  });
});
