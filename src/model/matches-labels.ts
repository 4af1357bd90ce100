/** A label selector in the query's form (`app=a,!canary,tier in (x,y)`), applied as the API server does. @throws for what it cannot read */
export function matchesLabels(selector: string, labels: Readonly<Record<string, string>>): boolean {
  return splitTerms(selector).every((term) => matchesTerm(term, labels));
}

// Commas within parentheses separate values, not terms.
export const splitTerms = (selector: string) =>
  selector
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');

function matchesTerm(term: string, labels: Readonly<Record<string, string>>): boolean {
  const set = /^([^\s!=,()]+)\s+(in|notin)\s+\(([^()]*)\)$/.exec(term);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    const value = labels[key];
    return operator === 'in'
      ? value !== undefined && values.includes(value)
      : value === undefined || !values.includes(value);
  }
  const equality = /^([^\s!=,()]+)\s*(!=|==|=)\s*([^\s!=,()]*)$/.exec(term);
  if (equality) {
    const [, key = '', operator, value] = equality;
    return (labels[key] === value) === (operator !== '!=');
  }
  const presence = /^(!?)\s*([^\s!=,()]+)$/.exec(term);
  if (!presence) throw new SyntaxError(`not a label selector: "${term}"`);
  const [, not, key = ''] = presence;
  return Object.hasOwn(labels, key) === (not === '');
}
