import { describe, expect, it } from 'vitest';
import {
  type Asking,
  answered,
  answeredTogether,
  askedOnce,
  type Question,
  sideBySide,
} from '../../src/gate/asking.ts';

function* sumOf(first: readonly Question[], second: readonly Question[]): Asking<number, number> {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  return sum(yield first) + sum(yield second);
}
const [a, b, c] = ['a', 'b', 'c'].map((query) => ({ query, at: 1 })) as [Question, Question, Question];

describe('answered', () => {
  it('answers question after question in their order, until there is a result', async () => {
    const asked: string[] = [];
    const reply = async ({ query }: Question) => {
      asked.push(query);
      return query.length;
    };
    await expect(answered(sumOf([a, b], [c]), reply)).resolves.toBe(3);
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  it('throws a failed reply at its question, so that a gate can report what failed', async () => {
    function* careful(): Asking<string, number> {
      try {
        yield [a];
        return 'no failure';
      } catch (failure) {
        return `caught ${(failure as Error).message}`;
      }
    }
    const reply = () => Promise.reject(new Error('refused'));
    await expect(answered(careful(), reply)).resolves.toBe('caught refused');
    await expect(answered(sumOf([a], [b]), reply)).rejects.toThrow('refused');
  });
});

describe('computations side by side', () => {
  it('ask about the past first, and about now all in one step', async () => {
    const steps: string[][] = [];
    const now = ['x', 'y'].map((query) => ({ query, at: 2 })) as [Question, Question];
    const results = await answeredTogether(
      sideBySide([sumOf([a, b], [now[0]]), sumOf([now[1]], [])], 2),
      async (asked) => {
        steps.push(asked.map(({ query }) => query));
        return asked.map(({ query }) => query.length);
      },
    );
    expect(steps).toEqual([['a', 'b'], ['x', 'y'], []]);
    expect(results).toEqual([3, 1]);
  });
});

describe('askedOnce', () => {
  it('sends the same query once for each moment', async () => {
    const asked: Question[] = [];
    const reply = askedOnce(async (question) => asked.push(question));
    await Promise.all([a, { ...a }, { ...a, at: 2 }, b, { query: 'a' }, { query: 'a' }].map(reply));
    expect(asked).toEqual([a, { ...a, at: 2 }, b, { query: 'a' }]);
  });
});
